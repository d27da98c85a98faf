#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace weft::vision {

/// The colours of classes.
enum class Palette {
  Automatic,   ///< Cityscapes if it has a palette for this number of classes, else Bits
  Cityscapes,  ///< of 35 (label ids), 20 (training ids and void) or 19 classes (training ids)
  Bits         ///< for any number: the bits of the id are spread over red, green and blue, as in PASCAL VOC
};

/// One colour for each class.
///
/// Source: the Cityscapes label definitions; Everingham et al. 2010, "The PASCAL Visual Object Classes
/// Challenge".
/// @param classes  at least 1
/// @returns [classes, 3] uint8, RGB
/// @throws Error  (Graph) when Cityscapes has no such number of classes
at::Tensor class_colours(int64_t classes, Palette palette);

/// The colour of each id. Ids that have none are black.
/// @param ids      [B, 1, H, W], integers
/// @param colours  [N, 3] uint8, of the ids 0 … N-1; on any device
/// @returns [B, 3, H, W] float in [-1, 1]; writing it as 8 bits gives the colours exactly
at::Tensor colour_ids(const at::Tensor& ids, const at::Tensor& colours);

/// The colour of each pixel's class: of its id, or of the channel with the largest value.
///
/// @param maps     labels [B, 1, H, W] of integers, or [B, C, H, W] of values
/// @param classes  number of classes with a colour; default: 35 for labels, else C
/// @returns as colour_ids
at::Tensor colour_classes(const at::Tensor& maps, std::optional<int64_t> classes, Palette palette);

/// The same in colours of one's own. @param colours  [N, 3] uint8, of the ids 0 … N-1
at::Tensor colour_classes(const at::Tensor& maps, const at::Tensor& colours);

/// Optical flow as colours: the direction is the hue, the length the saturation; vectors longer than `longest` are
/// darkened.
///
/// Source: Baker et al. 2007, "A Database and Evaluation Methodology for Optical Flow".
/// @param flow     [B, 2, H, W], x and y in pixels
/// @param longest  the length in pixels that is drawn in full colour
/// @returns [B, 3, H, W] float in [-1, 1]; black where the flow is not a number
at::Tensor colour_flow(const at::Tensor& flow, double longest);

}  // namespace weft::vision
