#pragma once

#include <weft/node.h>

#include <ATen/core/Tensor.h>

namespace weft::prediction {

/// How a camera that drives sees: a pinhole camera with an upright image plane, which looks where it drives.
///
/// Source: Longuet-Higgins & Prazdny 1980, "The Interpretation of a Moving Retinal Image", which splits flow into a part of
/// translation, that depends on depth and leads away from one point, and a part of rotation, that does not depend on depth.
struct Lens {
  double field_of_view = 60;  ///< degrees, from the left border to the right one
  double horizon = 0.475;     ///< part of the height above it

  void params(Params& p);

  /// The flow of a camera that turns and does not move.
  /// @param yaw   radians to the left since the previous frame, a number
  /// @param like  [B, 2, H, W], gives size, device and type
  /// @returns [1, 2, H, W], backward flow in pixels
  at::Tensor turned(const at::Tensor& yaw, const at::Tensor& like) const;

  /// By how much flow grows when the camera goes on: Z / (Z - metres) of things at a distance of Z metres, which follows from
  /// how fast they move away from the point that the camera drives to. Without a gradient.
  /// @param per_metre  [B, 2, H, W], backward flow in pixels for each metre
  /// @param metres     a number
  /// @returns [B, 1, H, W], from 1/4 to 4
  at::Tensor growth(const at::Tensor& per_metre, const at::Tensor& metres) const;
};

}  // namespace weft::prediction
