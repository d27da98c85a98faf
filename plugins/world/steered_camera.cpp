#include "plugins/world/steered_camera.h"

#include <algorithm>
#include <cmath>

namespace weft::world {

void SteeredCamera::drive(double metres, double steering) {
  // A turn of more than a right angle would take the street out of sight.
  turn_ = std::clamp(turn_ + metres * steering, -kPi / 2, kPi / 2);
  along_ += metres * std::cos(turn_);
  left_ = std::clamp(left_ + metres * std::sin(turn_), -(kHouseLine - 1), kHouseLine - 1);
}

Shot SteeredCamera::shot(const Road& road, int64_t frame) const {
  Pose pose = Drive::pose(road, along_);
  const Vec eye = road.at({along_, left_}, pose.origin.z);
  const double heading = std::atan2(pose.ahead.y, pose.ahead.x) + turn_;
  return {{static_cast<double>(frame), along_}, upright(eye, heading)};
}

void SteeredCamera::state(Archive& archive) {
  archive("along", along_);
  archive("left", left_);
  archive("turn", turn_);
}

}  // namespace weft::world
