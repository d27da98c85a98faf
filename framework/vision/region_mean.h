#pragma once

#include <ATen/core/Tensor.h>

namespace weft::vision {

/// The mean over each region: every pixel's value is replaced by the mean over all pixels with the same id in its sample,
/// channel by channel. Gradients go through the means.
///
/// Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional GANs", section 3.4.
/// @param values  [B, C, H, W]
/// @param ids     [B, 1, H, W], integers
/// @returns [B, C, H, W]; sums are taken in float at least
at::Tensor region_mean(const at::Tensor& values, const at::Tensor& ids);

}  // namespace weft::vision
