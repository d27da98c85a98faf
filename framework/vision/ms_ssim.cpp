#include "framework/vision/ms_ssim.h"

#include "framework/vision/ssim.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>

namespace weft::vision {
namespace {

/// Half the size. pytorch-msssim puts a border of zeros around an axis of odd size, which counts in the means.
at::Tensor halved(const at::Tensor& image, MsSsimForm form) {
  const auto border = [&](int64_t axis) { return form == MsSsimForm::Pytorch ? image.size(axis) % 2 : 0; };
  return at::avg_pool2d(image, 2, 2, at::IntArrayRef({border(2), border(3)}));
}

SsimMeans compare(const at::Tensor& a, const at::Tensor& b, double range, MsSsimForm form) {
  if (form == MsSsimForm::Pytorch) return ssim_means(a, b, SsimWindow::Gaussian, range);
  const SsimMaps maps = ssim_maps(a, b, SsimWindow::GaussianReflected, range);
  // Contrasts leave out the border whose windows reach over it, similarities do not.
  constexpr int64_t kBorder = 5;
  const at::Tensor inner = maps.contrast.narrow(2, kBorder, a.size(2) - 2 * kBorder);
  return {maps.similarity.mean({2, 3}), inner.narrow(3, kBorder, a.size(3) - 2 * kBorder).mean({2, 3})};
}

}  // namespace

MsSsim ms_ssim(const at::Tensor& a, const at::Tensor& b, double range, MsSsimForm form,
               const std::array<double, kMsSsimScales>& weights) {
  at::Tensor x = a.detach().to(at::kDouble), y = b.detach().to(at::kDouble), product;
  MsSsim result;
  for (size_t scale = 0; scale < kMsSsimScales; ++scale) {
    if (scale > 0) {
      x = halved(x, form);
      y = halved(y, form);
    }
    const SsimMeans means = compare(x, y, range, form);
    result.similarity.push_back(means.similarity);
    result.contrast.push_back(means.contrast);
    at::Tensor factor = scale + 1 == kMsSsimScales ? means.similarity : means.contrast;  // [B, C]
    if (form == MsSsimForm::Torchmetrics) factor = factor.mean(1, /*keepdim=*/true);     // [B, 1]
    factor = factor.clamp_min(0).pow(weights[scale]);
    product = product.defined() ? product * factor : factor;
  }
  result.value = product.mean(1);
  return result;
}

}  // namespace weft::vision
