#include "plugins/estimators/region.h"

#include <ATen/ops/affine_grid_generator.h>
#include <ATen/ops/grid_sampler.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weft::estimators {
namespace {

/// An angle as one from -pi to pi.
double wrapped(double angle) {
  return std::remainder(angle, 2 * std::numbers::pi);
}

}  // namespace

Point Region::place(double u, double v) const {
  const double right = (u - 0.5) * size, down = (v - 0.5) * size;
  return {x + right * std::cos(angle) - down * std::sin(angle), y + right * std::sin(angle) + down * std::cos(angle)};
}

Region whole_frame(int64_t height, int64_t width) {
  return {(static_cast<double>(width) - 1) / 2, (static_cast<double>(height) - 1) / 2,
          static_cast<double>(std::max(height, width)), 0};
}

Region region_on_line(Point centre, Point to, double scale) {
  const double right = to.x - centre.x, down = to.y - centre.y;
  return {centre.x, centre.y, 2 * scale * std::hypot(right, down),
          wrapped(std::numbers::pi / 2 - std::atan2(-down, right))};
}

Region region_of_box(Point least, Point most, Point first, Point second, double scale) {
  return {(least.x + most.x) / 2, (least.y + most.y) / 2, scale * std::max(most.x - least.x, most.y - least.y),
          std::atan2(second.y - first.y, second.x - first.x)};
}

double overlap(const Region& a, const Region& b) {
  const auto common = [](double a_centre, double a_size, double b_centre, double b_size) {
    const double from = std::max(a_centre - a_size / 2, b_centre - b_size / 2);
    return std::max(0.0, std::min(a_centre + a_size / 2, b_centre + b_size / 2) - from);
  };
  const double both = common(a.x, a.size, b.x, b.size) * common(a.y, a.size, b.y, b.size);
  const double either = a.size * a.size + b.size * b.size - both;
  return either > 0 ? both / either : 0;
}

at::Tensor crop(const at::Tensor& light, const Region& region, int64_t size) {
  const auto height = static_cast<double>(light.size(2)), width = static_cast<double>(light.size(3));
  const double along = region.size * std::cos(region.angle), across = region.size * std::sin(region.angle);
  // From [-1, 1] of the region to [-1, 1] of the frame, both from edge to edge.
  const at::Tensor turn = at::tensor({along / width, -across / width, (2 * region.x + 1) / width - 1,  //
                                      across / height, along / height, (2 * region.y + 1) / height - 1},
                                     light.options())
                              .view({1, 2, 3});
  constexpr int64_t kBilinear = 0, kZeros = 0;
  return at::grid_sampler(light, at::affine_grid_generator(turn, {1, 3, size, size}, false), kBilinear, kZeros, false);
}

}  // namespace weft::estimators
