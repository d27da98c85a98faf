#pragma once

#include <ATen/core/Tensor.h>

namespace weft::face {

/// The bytes of an image: the original program crops, resizes and finds edges in 8 bits.
/// @param image  [3, H, W] in [-1, 1]
/// @returns [H, W, 3] uint8
at::Tensor pixels_of(const at::Tensor& image);

/// @param pixels  [H, W, 3] uint8
/// @returns [3, H, W] float in [-1, 1]
at::Tensor image_of(const at::Tensor& pixels);

/// Brightness by the weights of ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, in fixed point as Pillow computes
/// it.
/// @param pixels  [H, W, 3] uint8
/// @returns [H, W] uint8
at::Tensor grey_of(const at::Tensor& pixels);

}  // namespace weft::face
