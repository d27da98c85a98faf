#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::pose {

/// Crops a picture to a window, resized by nearest neighbour; pixels outside of the picture are black.
///
///   pixel i of n is the one at floor(first + (i + 1/2) * (last - first) / n)
///
/// The result equals nearest-neighbour resizing of the picture, then cropping and mirroring.
/// @param picture  [H, W, 3] uint8
/// @param corners  [2, 3] of any type: upper left and lower right corner in pixels, fractions allowed; the other way
///                 round across for a mirrored part
/// @returns [height, width, 3] uint8, contiguous
/// @throws Error  (Data) when there is nothing between the corners
at::Tensor seen_through(const at::Tensor& picture, const at::Tensor& corners, int64_t height, int64_t width);

}  // namespace weft::pose
