#pragma once

#include "plugins/world/renderer.h"
#include <weft/node.h>

namespace weft::world {

/// A camera that is steered along the street; it begins in our lane.
class SteeredCamera {
 public:
  /// One frame on.
  /// @param metres    of this frame
  /// @param steering  radians to the left per metre, relative to the course of the street
  void drive(double metres, double steering);
  /// What it sees at this frame of the street. Houses stop it.
  Shot shot(const Road& road, int64_t frame) const;

  double left() const { return left_; }  ///< metres to the left of the middle of the street
  double turn() const { return turn_; }  ///< radians to the left of its course

  void state(Archive& archive);

 private:
  double along_ = 0, left_ = -kLaneMiddle, turn_ = 0;
};

}  // namespace weft::world
