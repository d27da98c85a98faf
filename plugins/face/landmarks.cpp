#include "plugins/face/landmarks.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/zeros.h>

#include <cmath>

namespace weft::face {
namespace {

constexpr double kFarthest = 1e6;  // pixels; no picture is that large

}  // namespace

bool is_in_a_picture(double coordinate) {
  return std::isfinite(coordinate) && std::abs(coordinate) <= kFarthest;
}

void check_landmarks(int64_t count) {
  if (count == static_cast<int64_t>(kLandmarks) || count == static_cast<int64_t>(kWithForehead)) return;
  throw Error(Exit::Graph, text("`keypoints` has ", count, " points, but a face has ", kLandmarks, ", or ",
                                kWithForehead, " with its forehead"));
}

at::Tensor keypoints_of(const std::vector<vision::Point>& landmarks) {
  const size_t rows = landmarks.empty() ? kLandmarks : landmarks.size();
  at::Tensor keypoints = at::zeros({1, static_cast<int64_t>(rows), 3}, at::kDouble);
  double* number = keypoints.mutable_data_ptr<double>();
  for (const vision::Point& point : landmarks) {
    *number++ = point.x;
    *number++ = point.y;
    *number++ = 1;
  }
  return keypoints;
}

std::vector<vision::Point> landmarks_of(const at::Tensor& keypoints) {
  const at::Tensor plain = keypoints.to(at::kCPU, at::kDouble).contiguous();
  const double* number = plain.const_data_ptr<double>();
  std::vector<vision::Point> landmarks;
  bool has_face = false;
  for (int64_t i = 0; i < plain.size(0); ++i, number += 3) {
    if (!is_in_a_picture(number[0]) || !is_in_a_picture(number[1])) {
      throw Error(Exit::Data, text("landmark ", i, " is at (", number_text(number[0]), ", ", number_text(number[1]),
                                   "), which is not a position in an image"));
    }
    landmarks.push_back({number[0], number[1]});
    has_face |= number[2] != 0;
  }
  if (!has_face) landmarks.clear();
  return landmarks;
}

std::vector<vision::Point> with_forehead(std::vector<vision::Point> landmarks) {
  if (landmarks.empty()) return landmarks;
  const double base = (std::trunc(landmarks[0].y) + std::trunc(landmarks[16].y)) / 2;
  for (size_t i = 15; i >= 1; --i) {
    const double x = std::trunc(landmarks[i].x), y = std::trunc(landmarks[i].y);
    landmarks.push_back({x, std::trunc(base + std::floor((base - y) * 2 / 3))});
  }
  return landmarks;
}

}  // namespace weft::face
