#pragma once

#include <ATen/core/Tensor.h>

namespace weft::prediction {

/// The optical flow of a camera that turns and does not move: the same for what is near and what is far.
///
/// A pinhole camera whose image plane is upright and whose axis goes through the centre of the frame. Source:
/// Longuet-Higgins & Prazdny 1980, "The Interpretation of a Moving Retinal Image", which splits flow into a part of
/// translation, that depends on depth, and a part of rotation, that does not.
/// @param yaw            radians to the left since the previous frame, a number
/// @param field_of_view  degrees, from the left border to the right one
/// @param like           [B, 2, H, W], gives size, device and type
/// @returns [1, 2, H, W], backward flow in pixels
at::Tensor turned_flow(const at::Tensor& yaw, double field_of_view, const at::Tensor& like);

}  // namespace weft::prediction
