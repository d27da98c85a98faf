#include "framework/vision/ssim.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>

namespace weft::vision {
namespace {

constexpr int64_t kUniformSize = 7, kGaussianSize = 11;
constexpr double kDeviation = 1.5;

/// Weights along one axis, which sum up to 1: [11].
at::Tensor gaussian(const at::TensorOptions& options) {
  const at::Tensor positions = at::arange(kGaussianSize, options) - static_cast<double>(kGaussianSize / 2);
  const at::Tensor weights = (positions.square() / (-2 * kDeviation * kDeviation)).exp();
  return weights / weights.sum();
}

/// Means over the window about each pixel: [N, 1, H, W] -> [N, 1, h, w].
at::Tensor means(const at::Tensor& maps, SsimWindow window) {
  if (window == SsimWindow::Uniform) return at::avg_pool2d(maps, kUniformSize, 1);
  const at::Tensor weights = gaussian(maps.options());
  const int64_t padding = window == SsimWindow::GaussianPadded ? kGaussianSize / 2 : 0;
  const at::Tensor rows =
      at::conv2d(maps, weights.view({1, 1, kGaussianSize, 1}), {}, 1, at::IntArrayRef({padding, 0}));
  return at::conv2d(rows, weights.view({1, 1, 1, kGaussianSize}), {}, 1, at::IntArrayRef({0, padding}));
}

}  // namespace

int64_t size_of(SsimWindow window) {
  return window == SsimWindow::Uniform ? kUniformSize : kGaussianSize;
}

at::Tensor ssim(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range) {
  const int64_t batch = a.size(0), planes = batch * a.size(1);
  const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
  const at::Tensor x = a.reshape({planes, 1, a.size(2), a.size(3)}), y = b.reshape_as(x);
  // Five maps at once: means and second moments.
  const std::vector<at::Tensor> moments = means(at::cat({x, y, x * x, y * y, x * y}), window).chunk(5);
  const at::Tensor &mx = moments[0], &my = moments[1];
  constexpr double kPixels = kUniformSize * kUniformSize;
  const double sample = window == SsimWindow::Uniform ? kPixels / (kPixels - 1) : 1;
  const at::Tensor mxx = mx * mx, myy = my * my, mxy = mx * my;
  const at::Tensor variances = (moments[2] - mxx + moments[3] - myy) * sample;
  const at::Tensor covariance = (moments[4] - mxy) * sample;
  const at::Tensor similarity = (2 * mxy + c1) * (2 * covariance + c2) / ((mxx + myy + c1) * (variances + c2));
  return similarity.reshape({batch, -1}).mean(1);
}

}  // namespace weft::vision
