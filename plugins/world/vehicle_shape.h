#pragma once

#include "plugins/world/surface.h"

namespace weft::world {

/// Where wheels are, as a share of the length from either end.
constexpr float kWheelPlace = 0.195F;
/// The body's bottom, metres above the ground.
constexpr float kBodyGap = 0.24F;

/// The outline of a vehicle seen from its side. Lengths in metres, x from its middle, forwards.
struct VehicleShape {
  Label label = Label::Car;
  double length = 4.3, width = 1.8;
  double belt = 0.92;                           ///< height of the body, below the windows
  double nose = 0.72;                           ///< height of its front
  double bonnet_end = 0.85;                     ///< x where the windscreen begins
  double rear_glass = -2.0;                     ///< x where the rear window begins
  double roof = 1.46;                           ///< height
  double roof_front = 0.15, roof_rear = -1.45;  ///< x
  double inset = 0.16;                          ///< how much narrower the roof is, on each side
  double wheel = 0.33;                          ///< radius
  double cargo = 0;                             ///< height of a closed box behind the cabin; 0: none
};

}  // namespace weft::world
