#pragma once

#include "plugins/segmentation/boxes.h"

namespace weft::segmentation {

/// The masks of the predicted classes: [N, K, S, S] logits and [N] labels -> [N, 1, S, S] in [0, 1].
at::Tensor selected_masks(const at::Tensor& logits, const at::Tensor& labels);

/// A mask at its place: the part of it that lies in the image.
struct PlacedMask {
  int64_t top = 0, left = 0;
  at::Tensor values;  ///< [h, w] in [0, 1]; empty where nothing of it lies in the image
};

/// Puts the mask of one box to its place. The mask gets a border of one zero, the box grows with it and is cut off to whole
/// pixels toward zero, and the mask is resized bilinearly to the box.
/// @param mask  [S, S]
/// @param box   x1, y1, x2, y2
PlacedMask placed_mask(const at::Tensor& mask, const std::array<double, 4>& box, const ImageSize& image);

/// All masks, each in an image of its own: [N, 1, S, S] and [N, 4] -> [N, 1, H, W].
at::Tensor pasted_masks(const at::Tensor& masks, const at::Tensor& boxes, const ImageSize& image);

}  // namespace weft::segmentation
