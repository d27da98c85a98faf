#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::flow {

/// Correlation (cost) volume of two maps.
///
///   out[(j + r) (2r + 1) + (i + r)](y, x) = 1/C sum_c a(c, y, x) b(c, y + step j, x + step i),  r = reach / step
///
/// with i, j in -r … r and zeros outside of b. Differentiable in both, on every device; float or double.
/// Source: Fischer et al. 2015, "FlowNet: Learning Optical Flow with Convolutional Networks", equation 1, for patches of one
/// pixel, as FlowNet2 uses it (reach 20, step 2).
/// @param a, b   [B, C, H, W]
/// @param reach  the largest displacement in pixels
/// @returns [B, (2r + 1)^2, H, W]; the vertical displacement is the outer index
at::Tensor correlation(const at::Tensor& a, const at::Tensor& b, int64_t reach, int64_t step);

/// Samples `image` at p + flow(p), bilinear; each of the four pixels is clamped to the image separately.
///
/// Equal to vision::warp except for rounding: positions are in pixels, so a flow of whole pixels copies exactly.
/// Differentiable in both, on every device; float or double.
/// Source: Ilg et al. 2017, "FlowNet 2.0: Evolution of Optical Flow Estimation with Deep Networks".
/// @param image  [B, C, H, W]
/// @param flow   [B, 2, H, W], x and y in pixels
at::Tensor resample(const at::Tensor& image, const at::Tensor& flow);

/// The same two, made of LibTorch's operations: slower, and for devices that this build has no kernel for, such as a GPU
/// where weft was built without nvcc. The inputs are both float or both double.
at::Tensor correlation_composed(const at::Tensor& a, const at::Tensor& b, int64_t reach, int64_t step);
at::Tensor resample_composed(const at::Tensor& image, const at::Tensor& flow);

/// L2 norm of the channels at each pixel: sqrt(sum_c x_c^2). Its gradient is 0 where the length is 0.
/// @param x  [B, C, H, W]
/// @returns [B, 1, H, W]
at::Tensor channel_norm(const at::Tensor& x);

}  // namespace weft::flow
