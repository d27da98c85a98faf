#pragma once

#include <ATen/core/Tensor.h>

namespace weft::backbones {

/// Frames as video networks take them. Two forms are in use for I3D, and give different numbers:
///
///   square  every frame resized to side x side, whatever its shape (the original FVD; VideoGPT, cd-fvd)
///   crop    the short side resized to `side`, the long one in proportion and rounded up, and the middle cut out
///           (StyleGAN-V)
///
/// Both are bilinear without antialiasing.
enum class ClipShape { Square, Crop };

/// @param clip  [B, C, T, H, W]
/// @returns [B, C, T, side, side]
at::Tensor resized_clip(const at::Tensor& clip, int64_t side, ClipShape shape);

/// As Pillow does it for the 3-D ResNets: antialiased, the long side in proportion and rounded down, the middle cut out.
at::Tensor resized_clip_antialiased(const at::Tensor& clip, int64_t side);

}  // namespace weft::backbones
