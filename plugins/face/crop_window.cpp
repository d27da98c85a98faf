#include "plugins/face/crop_window.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace weft::face {
namespace {

constexpr double kWidths = 2.5;  // of the landmarks
constexpr double kFarthest = 32768;
constexpr double kMostPixels = 1e8;

/// The place of a window of length `side` along one axis: about `centre`, but within the frame where it fits;
/// one that is too long ends where the frame ends.
std::pair<int64_t, int64_t> place(double centre, double side, double frame) {
  const double half = std::floor(side / 2);
  const double end = std::min(std::max(0.0, centre - half) + side, frame);
  const double middle = end - half;
  return {static_cast<int64_t>(middle - half), static_cast<int64_t>(middle + half)};
}

/// The least and the largest coordinates.
std::pair<vision::Point, vision::Point> corners_of(const std::vector<vision::Point>& landmarks) {
  vision::Point low = landmarks.front(), high = low;
  for (const vision::Point& point : landmarks) {
    low = {std::min(low.x, point.x), std::min(low.y, point.y)};
    high = {std::max(high.x, point.x), std::max(high.y, point.y)};
  }
  return {low, high};
}

Error without_width(double width) {
  return Error(Exit::Data, text("the landmarks of a face are ", number_text(width), " pixels wide"))
      .hint("the landmarks of a face must span at least one pixel");
}

}  // namespace

Window window_about(const std::vector<vision::Point>& landmarks, int64_t frame_height, int64_t frame_width) {
  const auto [low, high] = corners_of(landmarks);
  const double side = kWidths * (high.x - low.x);
  if (side < 2) throw without_width(high.x - low.x);
  const vision::Point centre = {std::floor((low.x + high.x) / 2), std::floor((3 * low.y + high.y) / 4)};
  const auto [left, right] = place(centre.x, side, static_cast<double>(frame_width));
  const auto [top, bottom] = place(centre.y, side, static_cast<double>(frame_height));
  return {top, bottom, left, right, false};
}

Window few_shot_window_about(const std::vector<vision::Point>& landmarks) {
  constexpr double kAbove = 1.25;  // widths
  const auto [low, high] = corners_of(landmarks);
  const auto width = static_cast<int64_t>(high.x - low.x);
  if (width < 1) throw without_width(high.x - low.x);
  const auto middle_x = static_cast<int64_t>((low.x + high.x) / 2),
             middle_y = static_cast<int64_t>((low.y + high.y) / 2);
  const auto top = static_cast<int64_t>(static_cast<double>(middle_y) - kAbove * static_cast<double>(width));
  return {top, top + 2 * width, middle_x - width, middle_x + width, false};
}

Window window_in_middle(int64_t frame_height, int64_t frame_width) {
  const int64_t side = std::min(frame_height, frame_width);
  const int64_t top = (frame_height - side) / 2, left = (frame_width - side) / 2;
  return {top, top + side, left, left + side, false};
}

at::Tensor keypoints_of(const Window& window) {
  const auto coordinate = [](int64_t pixel) { return static_cast<double>(pixel); };
  const int64_t first = window.is_mirrored ? window.right : window.left;
  const int64_t last = window.is_mirrored ? window.left : window.right;
  return at::tensor({coordinate(first), coordinate(window.top), 1.0, coordinate(last), coordinate(window.bottom), 1.0},
                    at::kDouble)
      .view({2, 3});
}

Window window_of(const at::Tensor& corners) {
  const at::Tensor plain = corners.to(at::kCPU, at::kDouble).contiguous();
  const double* number = plain.data_ptr<double>();
  const auto from_to = [&] {
    return text('(', number_text(number[0]), ", ", number_text(number[1]), ") to (", number_text(number[3]), ", ",
                number_text(number[4]), ')');
  };
  const double width = std::abs(number[3] - number[0]), height = number[4] - number[1];
  const bool has_pixels = std::isfinite(width) && std::isfinite(height) && width >= 1 && height >= 1;
  if (!has_pixels) {
    throw Error(Exit::Data, text("a window without pixels: ", from_to()))
        .hint("a window has two keypoints, its upper left and its lower right corner; face.window gives one");
  }
  const bool is_near = std::all_of(number, number + 6, [](double value) { return std::abs(value) <= kFarthest; });
  if (!is_near || width * height > kMostPixels) {
    throw Error(Exit::Data, text("a window that is too large or too far away: ", from_to()))
        .hint(text("it can have ", count_text(static_cast<int64_t>(kMostPixels), "pixel"),
                   "; face.window takes it from the landmarks, of which one may lie far from the others"));
  }
  const auto pixel = [&](size_t index) { return static_cast<int64_t>(number[index]); };
  const bool is_mirrored = number[3] < number[0];
  return {pixel(1), pixel(4), pixel(is_mirrored ? 3 : 0), pixel(is_mirrored ? 0 : 3), is_mirrored};
}

at::Tensor cut_out(const at::Tensor& picture, const Window& window, Outside outside) {
  const int64_t height = picture.size(0), width = picture.size(1);
  const at::Tensor rows = at::arange(window.top, window.bottom, at::kLong);
  const at::Tensor columns = at::arange(window.left, window.right, at::kLong);
  at::Tensor cut = picture.index_select(0, rows.clamp(0, height - 1)).index_select(1, columns.clamp(0, width - 1));
  if (outside == Outside::Border) return cut;
  const auto blacken = [&](int64_t dimension, const at::Tensor& positions, int64_t end) {
    const at::Tensor beyond = positions.lt(0).logical_or_(positions.ge(end)).nonzero().flatten();
    if (beyond.numel() > 0) cut.index_fill_(dimension, beyond, 0);
  };
  blacken(0, rows, height);
  blacken(1, columns, width);
  return cut;
}

at::Tensor turned(const at::Tensor& picture, const Window& window) {
  return window.is_mirrored ? picture.flip(1) : picture;
}

}  // namespace weft::face
