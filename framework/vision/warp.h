#pragma once

#include <ATen/core/Tensor.h>

namespace weft::vision {

/// The interpolation between pixels: from 2x2 neighbours (Bilinear), from 4x4 (Bicubic: cubic convolution, a = -0.75), or
/// two thirds of Bicubic and one third of Bilinear (Steady).
///
/// If the result is warped again at every frame, Bilinear blurs, and Bicubic amplifies fine detail: its gain is up to
/// 1.05. The gain of Steady is 1 at most, for any frequency and any position between pixels.
enum class WarpFilter { Bilinear, Bicubic, Steady };

/// Warps an image by backward flow: out(p) = image(p + flow(p)); positions outside are moved to the border.
///
/// Bicubic and Steady overshoot at steps, so their values are clamped to the range of `image`. Computes in float, or
/// in double if the image is double.
/// @param image  [B, C, H, W]
/// @param flow   [B, 2, H, W], x and y in pixels
/// @returns [B, C, H, W] in the type of `image`
at::Tensor warp(const at::Tensor& image, const at::Tensor& flow, WarpFilter filter = WarpFilter::Bilinear);

}  // namespace weft::vision
