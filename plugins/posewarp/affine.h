#pragma once

#include <ATen/core/Tensor.h>

#include <array>

namespace weft::posewarp {

/// A map of the plane: x' = a x + b y + c, y' = d x + e y + f.
struct Affine {
  double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;

  static Affine scale(double factor) { return {factor, 0, 0, 0, factor, 0}; }
  static Affine shift(double x, double y) { return {1, 0, x, 0, 1, y}; }
  /// x' = last - x: left becomes right.
  static Affine mirror(double last) { return {-1, 0, last, 0, 1, 0}; }
  /// By an angle in radians about the origin.
  static Affine rotation(double angle);
  /// This map, and another one after it.
  Affine then(const Affine& next) const;
};

/// A window on an image: where its pixels are in the view, and how the view changes them.
struct View {
  Affine places;            ///< from pixels of the image to those of the view
  double saturation = 1;    ///< factor of the values in [-1, 1]
  bool is_flipped = false;  ///< right and left joints change their names

  /// As a stream has it: [8], the six numbers of `places`, the saturation, 1 where it is flipped.
  at::Tensor numbers() const;
};

}  // namespace weft::posewarp
