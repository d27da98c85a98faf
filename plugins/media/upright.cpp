#include "plugins/media/upright.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/flip.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weft::media {
namespace {

constexpr int32_t kOne = 1 << 16;  ///< in the matrix

bool is_zero(int32_t number) {
  return std::abs(number) < kOne / 100;
}

}  // namespace

Turn turn_of(const int32_t* matrix, const std::string& name) {
  if (!matrix) return {};
  // x' = a x + c y, y' = b x + d y, up to a shift.
  const int32_t a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  if (is_zero(b) && is_zero(c)) return {false, d < 0, a < 0};
  if (is_zero(a) && is_zero(d)) return {true, b < 0, c < 0};
  throw Error(Exit::Data, text(name, " has a rotation that is not a multiple of 90 degrees"))
      .hint("rotate it first: ffmpeg rotates pictures when it converts them");
}

at::Tensor turned(const at::Tensor& maps, const Turn& turn) {
  at::Tensor seen = turn.swaps_sides ? maps.transpose(-2, -1) : maps;
  if (turn.flips_rows) seen = seen.flip({-2});
  if (turn.flips_columns) seen = seen.flip({-1});
  return seen.contiguous();
}

Size upright_size(Size stored, double aspect, const Turn& turn) {
  const auto width = static_cast<int64_t>(std::lround(static_cast<double>(stored.width) * aspect));
  Size seen = {stored.height, std::max<int64_t>(width, 1)};
  if (turn.swaps_sides) std::swap(seen.height, seen.width);
  return seen;
}

}  // namespace weft::media
