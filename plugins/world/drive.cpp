#include "plugins/world/drive.h"

#include "plugins/world/chance.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kEyeHeight = 1.5;  // metres
constexpr double kSlowest = 0.02;   // metres a frame, for the schedule of others

}  // namespace

Drive::Drive(uint64_t seed, double speed) : speed_(speed) {
  Chance chance(seed, Matter::Drive, 0);
  waves_ = {{{0.06, 2 * kPi / chance.between(150, 190), chance.between(0, 2 * kPi)},
             {0.05, 2 * kPi / chance.between(260, 340), chance.between(0, 2 * kPi)}}};
}

double Drive::stretched(double time) const {
  double sum = time;
  for (const Wave& wave : waves_) {
    sum += wave.share / wave.frequency * (std::sin(wave.frequency * time + wave.phase) - std::sin(wave.phase));
  }
  return sum;
}

double Drive::along(double time) const {
  return speed_ * stretched(time);
}

double Drive::time_at(double along) const {
  const double wanted = along / std::max(speed_, kSlowest);
  double time = wanted;
  for (int step = 0; step < 12; ++step)
    time += wanted - stretched(time);  // the rate is near 1: it closes in by 9 each time
  return time;
}

double Drive::acceleration(double time) const {
  double sum = 0;
  for (const Wave& wave : waves_) sum -= wave.share * wave.frequency * std::sin(wave.frequency * time + wave.phase);
  return speed_ * sum;
}

Pose Drive::pose(const Road& road, double along) {
  constexpr double kLookAhead = 7;  // metres
  const double left = -kLaneMiddle + 0.12 * std::sin(2 * kPi * along / 97);
  const Vec eye = road.at({along, left}, kEyeHeight);
  return upright(eye, road.heading(along + kLookAhead));
}

}  // namespace weft::world
