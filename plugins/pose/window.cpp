#include "plugins/pose/window.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

#include <algorithm>
#include <cmath>

namespace weft::pose {
namespace {

constexpr double kFarthest = 1e6;  // pixels; no picture is that large

/// Whole numbers that rounding has moved stay whole: corners are quotients of pixels.
constexpr double kRounding = 1e-6;

/// The pixels of `length` that are seen along one axis: where they are, and whether they are in the picture.
struct Seen {
  at::Tensor pixels;  ///< [count] int64, moved into the picture
  at::Tensor beyond;  ///< those of the count that are not in it
};

Seen seen_along(double first, double last, int64_t count, int64_t length) {
  const at::Tensor middles = at::arange(count, at::kDouble) + 0.5;
  const at::Tensor pixels =
      (middles * ((last - first) / static_cast<double>(count)) + (first + kRounding)).floor().to(at::kLong);
  const at::Tensor beyond = pixels.lt(0).logical_or_(pixels.ge(length)).nonzero().flatten();
  return {pixels.clamp(0, length - 1), beyond};
}

}  // namespace

at::Tensor seen_through(const at::Tensor& picture, const at::Tensor& corners, int64_t height, int64_t width) {
  const at::Tensor plain = corners.to(at::kCPU, at::kDouble).contiguous();
  const double* number = plain.const_data_ptr<double>();
  const bool is_near = std::all_of(number, number + 6, [](double value) { return std::abs(value) <= kFarthest; });
  if (!is_near || number[0] == number[3] || number[4] <= number[1]) {
    throw Error(Exit::Data, text("a window without pixels: (", number_text(number[0]), ", ", number_text(number[1]),
                                 ") to (", number_text(number[3]), ", ", number_text(number[4]), ')'))
        .hint("a window has two keypoints, its upper left and its lower right corner; media.clips gives one");
  }
  const Seen columns = seen_along(number[0], number[3], width, picture.size(1));
  const Seen rows = seen_along(number[1], number[4], height, picture.size(0));
  at::Tensor seen = picture.index_select(0, rows.pixels).index_select(1, columns.pixels);
  if (rows.beyond.numel() > 0) seen.index_fill_(0, rows.beyond, 0);
  if (columns.beyond.numel() > 0) seen.index_fill_(1, columns.beyond, 0);
  return seen;
}

}  // namespace weft::pose
