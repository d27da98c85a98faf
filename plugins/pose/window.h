#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::pose {

/// The part of a picture that a window shows, by its nearest pixels; what lies outside of the picture is black.
///
///   pixel i of n is the one at floor(first + (i + 1/2) * (last - first) / n)
///
/// So it is what nearest resizing of the picture, cutting and mirroring would give.
/// @param picture  [H, W, 3] uint8
/// @param corners  [2, 3] of any type: upper left and lower right corner in pixels, fractions allowed; the other way
///                 round across for a mirrored part
/// @returns [height, width, 3] uint8, contiguous
/// @throws Error  (Data) when there is nothing between the corners
at::Tensor seen_through(const at::Tensor& picture, const at::Tensor& corners, int64_t height, int64_t width);

}  // namespace weft::pose
