#pragma once

#include <ATen/core/Tensor.h>

namespace weft::nn {

/// Samples `image` where `flow` points to: out(p) = image(p + flow(p)), bilinear; positions outside are moved to
/// the border.
///
/// Computes in float, or in double where the image is double.
/// @param image  [B, C, H, W]
/// @param flow   [B, 2, H, W], x and y in pixels
/// @returns [B, C, H, W] in the type of `image`
at::Tensor warp(const at::Tensor& image, const at::Tensor& flow);

}  // namespace weft::nn
