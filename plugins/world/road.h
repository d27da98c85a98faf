#pragma once

#include "plugins/world/geometry.h"

#include <array>
#include <cstdint>

namespace weft::world {

/// The cross-section of the street, in metres from its middle line.
constexpr double kLaneMiddle = 1.65;
constexpr double kLaneEdge = 3.3;   ///< cars drive up to here and park from here
constexpr double kKerb = 5.4;       ///< the pavement begins
constexpr double kHouseLine = 9.4;  ///< the façades stand
constexpr double kKerbHeight = 0.13;

/// The cross-section of the streets that cross it.
constexpr double kSideKerb = 3.4;
constexpr double kSideHouseLine = 6.6;
constexpr double kSideEnd = 58;  ///< where a house closes them, from the middle of the main street

/// A place as people on the street say it: how far along, and how far to the left of the middle line.
struct Spot {
  double along = 0, left = 0;
};

/// The endless middle line: y is a sum of three sines of x, so that every place on it is known at once. The distance `along`
/// counts x; the line itself is up to a sixth longer.
class Road {
 public:
  explicit Road(uint64_t seed);

  double heading(double along) const;
  /// A point beside the line, on the normal of its place.
  Vec at(const Spot& spot, double height = 0) const;
  /// An object at this position that faces along the street, turned to the left by `turn`.
  Pose pose(const Spot& spot, double turn = 0) const;
  /// The place of a point of the ground, exact to millimetres near the street.
  Spot locate(double x, double y) const;

 private:
  struct Wave {
    double amplitude, frequency, phase;
  };
  double offset(double x) const;
  double slope(double x) const;

  std::array<Wave, 3> waves_;
};

}  // namespace weft::world
