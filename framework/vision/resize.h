#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::vision {

/// The interpolation filter.
enum class Filter {
  Nearest,   ///< the pixel below the centre of the new one; the only one for ids
  Bilinear,  ///< a triangle of one pixel to each side, wider when shrinking
  Bicubic    ///< Keys' cubic with a = -0.5, two pixels to each side, wider when shrinking
};

/// Resizes an 8-bit picture as the Python library Pillow does, to the bit: the size of the filter grows with
/// the reduction, rows come before columns, both in fixed point with 22 bits, and the intermediate result has
/// 8 bits.
///
/// The published networks were trained on data resized this way. Pillow 13 resizes the columns first for some sizes,
/// which changes values a little; this function agrees with earlier versions. On the CPU, in the calling thread.
/// @param image   [H, W] or [H, W, C]; uint8, with Filter::Nearest of any type
/// @param height  of the result, at least 1
/// @param width   of the result, at least 1
/// @returns the same type, contiguous: [height, width] or [height, width, C]
at::Tensor resize_pil(const at::Tensor& image, int64_t height, int64_t width, Filter filter);

/// Resizes maps on any device, with the same filters in floating point; differentiable.
///
/// Bilinear and bicubic compute in float, or in double where the maps are double.
/// @param maps  [B, C, H, W]; with Filter::Nearest of any type, otherwise of a floating one
/// @returns [B, C, height, width] in the type of `maps`
at::Tensor resize(const at::Tensor& maps, int64_t height, int64_t width, Filter filter);

}  // namespace weft::vision
