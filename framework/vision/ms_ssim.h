#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

namespace weft::vision {

/// The two programs whose multi-scale SSIM is in use; their numbers differ in the second digit.
enum class MsSsimForm {
  Pytorch,      ///< the package pytorch-msssim: odd sizes are padded before they are halved
  Torchmetrics  ///< the package torchmetrics: not padded, mirrored borders, channels averaged before the product
};

inline constexpr size_t kMsSsimScales = 5;
/// Weights of the scales, finest first, of Wang et al. 2003.
inline constexpr std::array<double, kMsSsimScales> kMsSsimWeights = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};
/// The smallest height and width: 11 pixels are left at the coarsest scale.
inline constexpr int64_t kMsSsimLeastSide = 161;

/// Multi-scale structural similarity (MS-SSIM), 1 for equal images: the contrasts of four scales and the similarity of
/// the fifth, each raised to its weight, multiplied. Negative values count as 0. In double, without gradients.
/// Source: Wang et al. 2003, "Multi-Scale Structural Similarity for Image Quality Assessment".
struct MsSsim {
  at::Tensor value;                              // [B]
  std::vector<at::Tensor> similarity, contrast;  // of each scale, [B, C]
};
/// @param a, b   [B, C, H, W], at least kMsSsimLeastSide high and wide
/// @param range  the largest difference that values can have
MsSsim ms_ssim(const at::Tensor& a, const at::Tensor& b, double range, MsSsimForm form = MsSsimForm::Pytorch,
               const std::array<double, kMsSsimScales>& weights = kMsSsimWeights);

}  // namespace weft::vision
