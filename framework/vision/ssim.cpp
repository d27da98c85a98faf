#include "framework/vision/ssim.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/vision/ssim_rows.h"
#include "framework/weights/shape_text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/reflection_pad2d.h>

#include <algorithm>

namespace weft::vision {
namespace {

constexpr double kDeviation = 1.5;

/// Weights along one axis, which sum up to 1: [size].
at::Tensor gaussian(int64_t size, const at::TensorOptions& options) {
  const at::Tensor positions = at::arange(size, options) - static_cast<double>(size / 2);
  const at::Tensor weights = (positions.square() / (-2 * kDeviation * kDeviation)).exp();
  return weights / weights.sum();
}

/// Means over the window about each pixel: [N, 1, H, W] -> [N, 1, h, w].
at::Tensor means(const at::Tensor& maps, SsimWindow window) {
  if (window.kind == SsimWindow::Uniform) return at::avg_pool2d(maps, window.size, 1);
  const at::Tensor weights = gaussian(window.size, maps.options());
  const int64_t padding = window.kind == SsimWindow::GaussianPadded ? window.radius() : 0;
  const at::Tensor rows = at::conv2d(maps, weights.view({1, 1, window.size, 1}), {}, 1, at::IntArrayRef({padding, 0}));
  return at::conv2d(rows, weights.view({1, 1, 1, window.size}), {}, 1, at::IntArrayRef({0, padding}));
}

/// The image and `radius` mirrored rows and columns at each border, the border pixels twice.
at::Tensor mirrored(const at::Tensor& image, int64_t radius) {
  at::Tensor wide = image;
  for (const int64_t axis : {2, 3}) {
    const at::Tensor front = wide.narrow(axis, 0, radius).flip(axis);
    const at::Tensor back = wide.narrow(axis, wide.size(axis) - radius, radius).flip(axis);
    wide = at::cat({front, wide, back}, axis);
  }
  return wide;
}

}  // namespace

int64_t SsimWindow::least_side() const {
  if (kind == GaussianPadded) return 1;
  return kind == GaussianReflected ? radius() + 1 : size;
}

void check_window_size(const char* node, std::optional<int64_t> size) {
  if (size && *size % 2 == 0) {
    throw Error(Exit::Graph, text(node, ": `window_size` must be odd, but is ", *size))
        .hint(text("write ", *size - 1, " or ", *size + 1));
  }
}

void check_image_size(const char* node, const at::Tensor& image, SsimWindow window) {
  if (std::min(image.size(2), image.size(3)) >= window.least_side()) return;
  throw Error(Exit::Graph, text(node, " uses windows of ", window.size, "x", window.size,
                                " pixels, but the images are ", weights::shape_text(image)))
      .hint("use larger images, or window = \"gaussian_padded\"");
}

SsimMaps ssim_maps(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range) {
  const int64_t planes = a.size(0) * a.size(1);
  const double c1 = 0.01 * range * 0.01 * range, c2 = 0.03 * range * 0.03 * range;
  at::Tensor x = a.reshape({planes, 1, a.size(2), a.size(3)}), y = b.reshape_as(x);
  const bool is_reflected = window.kind == SsimWindow::GaussianReflected;
  if (is_reflected) {
    const int64_t border = window.radius();
    x = at::reflection_pad2d(x, {border, border, border, border});
    y = at::reflection_pad2d(y, {border, border, border, border});
  }
  // Five maps at once: means and second moments.
  const std::vector<at::Tensor> moments = means(at::cat({x, y, x * x, y * y, x * y}), window).chunk(5);
  const at::Tensor &mx = moments[0], &my = moments[1];
  const auto pixels = static_cast<double>(window.size * window.size);
  const double sample = window.kind == SsimWindow::Uniform ? pixels / (pixels - 1) : 1;
  const at::Tensor mxx = mx * mx, myy = my * my, mxy = mx * my;
  // torchmetrics takes no variance below 0.
  const auto variance = [&](const at::Tensor& of_squares) {
    return is_reflected ? of_squares.clamp_min(0) : of_squares;
  };
  const at::Tensor variances = (variance(moments[2] - mxx) + variance(moments[3] - myy)) * sample;
  const at::Tensor covariance = (moments[4] - mxy) * sample;
  const at::Tensor over = 2 * covariance + c2, under = variances + c2;
  const at::Tensor similarity = (2 * mxy + c1) * over / ((mxx + myy + c1) * under);
  const std::vector<int64_t> shape{a.size(0), a.size(1), similarity.size(2), similarity.size(3)};
  return {similarity.reshape(shape), (over / under).reshape(shape)};
}

at::Tensor ssim(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range) {
  return ssim_maps(a, b, window, range).similarity.mean({1, 2, 3});
}

SsimMeans ssim_means(const at::Tensor& a, const at::Tensor& b, SsimWindow window, double range) {
  const at::Tensor x = a.detach(), y = b.detach();
  const bool has_kernel = window.kind == SsimWindow::Gaussian && window.size == 11;
  if (has_kernel && x.is_cpu() && y.is_cpu()) return ssim_by_rows(x, y, range);
  const SsimMaps maps = ssim_maps(x.to(at::kDouble), y.to(at::kDouble), window, range);
  return {maps.similarity.mean({2, 3}), maps.contrast.mean({2, 3})};
}

at::Tensor ssim_picture(const at::Tensor& a, const at::Tensor& b, double range) {
  const SsimWindow window = SsimWindow::Gaussian;
  return ssim_maps(mirrored(a, window.radius()), mirrored(b, window.radius()), window, range).similarity;
}

}  // namespace weft::vision
