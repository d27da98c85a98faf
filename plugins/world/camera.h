#pragma once

#include "plugins/world/geometry.h"

namespace weft::world {

/// Projection from directions to pixels. The image plane is upright, so that house walls stay parallel to its sides.
struct Lens {
  int height = 0, width = 0;         ///< pixels
  double focal = 0;                  ///< pixels
  double middle_x = 0, horizon = 0;  ///< the pixel that looks straight ahead, counted from the centre of the first

  /// @param field_of_view  degrees, from the left border to the right one
  static Lens of(int height, int width, double field_of_view) {
    const double focal = width / (2 * std::tan(field_of_view * kPi / 360));
    return {height, width, focal, (width - 1) / 2.0, 0.475 * height - 0.5};
  }
  bool operator==(const Lens&) const = default;
};

/// A lens with a position.
struct Camera {
  Pose pose;
  Lens lens;

  /// A direction of the world as the camera has it: x to the right, y down, z ahead.
  Vec turned(const Vec& direction) const {
    return {-dot(direction, pose.left), -dot(direction, pose.up), dot(direction, pose.ahead)};
  }
  /// A point of the world as the camera has it.
  Vec seen(const Vec& point) const { return turned(point - pose.origin); }

  bool operator==(const Camera&) const = default;
};

}  // namespace weft::world
