#include "plugins/world/road.h"

#include "plugins/world/chance.h"

namespace weft::world {

Road::Road(uint64_t seed) {
  Chance chance(seed, Matter::Road, 0);
  // Curves of at least 60 m radius, headings of at most 30 degrees: houses on the inner side keep their order.
  const std::array<double, 3> lengths = {chance.between(330, 420), chance.between(190, 230), chance.between(120, 140)};
  const std::array<double, 3> amplitudes = {chance.between(11, 17), chance.between(3, 5.5), chance.between(0.6, 1.2)};
  for (size_t i = 0; i < waves_.size(); ++i) {
    waves_[i] = {amplitudes[i], 2 * kPi / lengths[i], chance.between(0, 2 * kPi)};
  }
}

double Road::offset(double x) const {
  double sum = 0;
  for (const Wave& wave : waves_) sum += wave.amplitude * std::sin(wave.frequency * x + wave.phase);
  return sum;
}

double Road::slope(double x) const {
  double sum = 0;
  for (const Wave& wave : waves_) sum += wave.amplitude * wave.frequency * std::cos(wave.frequency * x + wave.phase);
  return sum;
}

double Road::heading(double along) const {
  return std::atan(slope(along));
}

Vec Road::at(const Spot& spot, double height) const {
  const double rise = slope(spot.along), stretch = 1 / std::sqrt(1 + rise * rise);
  return {spot.along - spot.left * rise * stretch, offset(spot.along) + spot.left * stretch, height};
}

Pose Road::pose(const Spot& spot, double turn) const {
  return upright(at(spot), heading(spot.along) + turn);
}

Spot Road::locate(double x, double y) const {
  double along = x;
  for (int step = 0; step < 4; ++step) {
    // How far the point lies ahead of the normal at `along`; the line is nearly straight over that distance.
    const double rise = slope(along);
    along += ((x - along) + (y - offset(along)) * rise) / (1 + rise * rise);
  }
  const double rise = slope(along), stretch = 1 / std::sqrt(1 + rise * rise);
  return {along, (y - offset(along)) * stretch - (x - along) * rise * stretch};
}

}  // namespace weft::world
