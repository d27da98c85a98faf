#pragma once

#include <ATen/core/Tensor.h>

namespace weft::vision {

/// How values between pixels are found: of 2x2 neighbours, of 4x4 (cubic convolution, a = -0.75), or as two thirds of the
/// second and one third of the first.
///
/// Repeated at every frame, the first blurs, and the second lets fine detail grow: its gain is up to 1.05. That of the
/// third is 1 at most, for any frequency and any place between pixels.
enum class WarpFilter { Bilinear, Bicubic, Steady };

/// Samples `image` where `flow` points to: out(p) = image(p + flow(p)); positions outside are moved to the border.
///
/// What is not bilinear overshoots at steps, so its values are clamped to those that `image` has. Computes in float, or
/// in double where the image is double.
/// @param image  [B, C, H, W]
/// @param flow   [B, 2, H, W], x and y in pixels
/// @returns [B, C, H, W] in the type of `image`
at::Tensor warp(const at::Tensor& image, const at::Tensor& flow, WarpFilter filter = WarpFilter::Bilinear);

}  // namespace weft::vision
