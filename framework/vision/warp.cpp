#include "framework/vision/warp.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/lerp.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/stack.h>

namespace weft::vision {
namespace {

constexpr int64_t kBilinear = 0, kBicubic = 2, kBorder = 1;  // of at::grid_sampler_2d

}  // namespace

at::Tensor warp(const at::Tensor& image, const at::Tensor& flow, WarpFilter filter) {
  const int64_t height = image.size(2), width = image.size(3);
  // Smaller types than float cannot tell neighbouring pixels of a large image apart.
  const at::ScalarType type = image.scalar_type() == at::kDouble ? at::kDouble : at::kFloat;
  const auto options = flow.options().dtype(type);
  const at::Tensor pixels = flow.to(type);
  const at::Tensor columns = at::linspace(-1, 1, width, options).view({1, 1, width});
  const at::Tensor rows = at::linspace(-1, 1, height, options).view({1, height, 1});
  // In grid coordinates, where -1 and 1 are the centres of the outermost pixels, a pixel is 2 / (size - 1) wide.
  const at::Tensor x = columns + pixels.select(1, 0) * (2.0 / static_cast<double>(width - 1));
  const at::Tensor y = rows + pixels.select(1, 1) * (2.0 / static_cast<double>(height - 1));
  const at::Tensor grid = at::stack({x, y}, 3);  // [B, H, W, 2]
  const at::Tensor source = image.to(type);
  const auto sampled = [&](int64_t with) {
    return at::grid_sampler_2d(source, grid, with, kBorder, /*align_corners=*/true);
  };
  if (filter == WarpFilter::Bilinear) return sampled(kBilinear).to(image.scalar_type());
  at::Tensor warped = sampled(kBicubic);
  if (filter == WarpFilter::Steady) warped = at::lerp(sampled(kBilinear), warped, 2.0 / 3.0);
  return warped.clamp(source.detach().min(), source.detach().max()).to(image.scalar_type());
}

}  // namespace weft::vision
