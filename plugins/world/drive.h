#pragma once

#include "plugins/world/road.h"

#include <array>
#include <cstdint>

namespace weft::world {

/// The usual mean speed, in metres a frame, by which others on the street plan.
constexpr double kPlannedSpeed = 0.235;

/// How the camera drives: along our lane, a little faster and slower all the time. A closed function of time, so that any
/// frame can be asked for.
class Drive {
 public:
  /// @param speed  metres a frame on average, along the street
  Drive(uint64_t seed, double speed);

  /// How far along the street the camera is. @param time  frames; any number
  double along(double time) const;
  /// When it is there. A camera that stands still is said to crawl.
  double time_at(double along) const;
  /// Metres a frame and frame.
  double acceleration(double time) const;

  /// Where the camera is when it is so far along, looking a little into the next curve.
  static Pose pose(const Road& road, double along);

 private:
  struct Wave {
    double share, frequency, phase;
  };
  double stretched(double time) const;  ///< frames at even speed that go as far

  double speed_;
  std::array<Wave, 2> waves_;
};

}  // namespace weft::world
