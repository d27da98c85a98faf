#include "tests/plugins/face/faces.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/ones.h>

namespace weft::face {

Landmarks all_at(double x, double y) {
  return Landmarks(68, vision::Point{x, y});
}

at::Tensor keypoints(const Landmarks& landmarks) {
  at::Tensor rows = at::ones({1, static_cast<int64_t>(landmarks.size()), 3}, at::kDouble);
  auto values = rows.accessor<double, 3>();
  for (size_t i = 0; i < landmarks.size(); ++i) {
    values[0][static_cast<int64_t>(i)][0] = landmarks[i].x;
    values[0][static_cast<int64_t>(i)][1] = landmarks[i].y;
  }
  return rows;
}

at::Tensor grey_levels(const at::Tensor& maps, int64_t channel) {
  return (maps[0][channel] * 255).round().to(at::kInt);
}

}  // namespace weft::face
