#include "plugins/prediction/lens.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/sin.h>

#include <cmath>
#include <numbers>

namespace weft::prediction {
namespace {

/// Pixels to the right of the middle, [1, 1, 1, W], and below the horizon, [1, 1, H, 1].
struct Directions {
  at::Tensor x, y;
};

Directions directions(const at::Tensor& like, double horizon) {
  const int64_t height = like.size(2), width = like.size(3);
  const double right = static_cast<double>(width - 1) / 2, above = horizon * static_cast<double>(height) - 0.5;
  return {
      at::linspace(-right, right, width, like.options()).reshape({1, 1, 1, width}),
      at::linspace(-above, static_cast<double>(height - 1) - above, height, like.options()).reshape({1, 1, height, 1})};
}

}  // namespace

void Lens::params(Params& p) {
  p("field_of_view", field_of_view, "of the camera, horizontal, in degrees").min(10).max(170);
  p("horizon", horizon, "part of the height that is above it; 0.475 is that of world.street").min(0).max(1);
}

at::Tensor Lens::turned(const at::Tensor& yaw, const at::Tensor& like) const {
  constexpr double kLeastDepth = 0.1;  // of a direction whose z is 1; less has left the previous image plane
  const double focal = static_cast<double>(like.size(3)) / (2 * std::tan(field_of_view * std::numbers::pi / 360));
  const Directions pixels = directions(like, horizon);

  // The direction (x, y, 1) of each pixel, and the same direction as the previous frame had it.
  const at::Tensor angle = yaw.to(like.options()).reshape({1, 1, 1, 1}), cosine = at::cos(angle), sine = at::sin(angle);
  const at::Tensor x = pixels.x / focal, y = pixels.y / focal;
  const at::Tensor depth = (cosine + x * sine).clamp_min(kLeastDepth);  // [1, 1, 1, W]
  const at::Tensor before_x = (x * cosine - sine) / depth, before_y = y / depth;
  return focal * at::cat({(before_x - x).expand({1, 1, like.size(2), like.size(3)}), before_y - y}, 1);  // [1, 2, H, W]
}

at::Tensor Lens::growth(const at::Tensor& per_metre, const at::Tensor& metres) const {
  constexpr double kMost = 4, kNearest = 1;  // metres: nothing comes nearer, so that flow stays bounded
  // Flow that leads away from the horizon's middle is (x, y) / Z; the nearness 1 / Z that fits it best is a quotient of two
  // products, which near that point nothing can be said of.
  const double unsure = 0.02 * static_cast<double>(per_metre.size(3));  // pixels
  const Directions pixels = directions(per_metre, horizon);
  const at::Tensor rate = per_metre.detach();
  const at::Tensor outwards = -(rate.narrow(1, 0, 1) * pixels.x + rate.narrow(1, 1, 1) * pixels.y);
  const at::Tensor nearness = outwards / (pixels.x * pixels.x + pixels.y * pixels.y + unsure * unsure);  // [B, 1, H, W]
  return 1 / at::maximum(1 - metres * nearness, kNearest * nearness).clamp(1 / kMost, kMost);
}

}  // namespace weft::prediction
