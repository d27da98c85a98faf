#include "plugins/prediction/turned_flow.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/sin.h>

#include <cmath>
#include <numbers>

namespace weft::prediction {

at::Tensor turned_flow(const at::Tensor& yaw, double field_of_view, const at::Tensor& like) {
  constexpr double kLeastDepth =
      0.1;  // of a direction whose z is 1; less has left the image plane of the previous frame
  const int64_t height = like.size(2), width = like.size(3);
  const double focal = static_cast<double>(width) / (2 * std::tan(field_of_view * std::numbers::pi / 360));  // pixels
  const double right = static_cast<double>(width - 1) / (2 * focal),
               low = static_cast<double>(height - 1) / (2 * focal);

  // The direction (x, y, 1) of each pixel, and the same direction as the previous frame had it.
  const at::Tensor angle = yaw.to(like.options()).reshape({1, 1, 1, 1}), cosine = at::cos(angle), sine = at::sin(angle);
  const at::Tensor x = at::linspace(-right, right, width, like.options()).reshape({1, 1, 1, width});
  const at::Tensor y = at::linspace(-low, low, height, like.options()).reshape({1, 1, height, 1});
  const at::Tensor depth = (cosine + x * sine).clamp_min(kLeastDepth);  // [1, 1, 1, W]
  const at::Tensor before_x = (x * cosine - sine) / depth, before_y = y / depth;
  return focal * at::cat({(before_x - x).expand({1, 1, height, width}), before_y - y}, 1);  // [1, 2, H, W]
}

}  // namespace weft::prediction
