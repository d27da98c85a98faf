#pragma once

#include "plugins/world/chance.h"
#include "plugins/world/geometry.h"

namespace weft::world {

/// A number that wanders smoothly, its velocity and acceleration too: a cubic B-spline through seeded numbers.
///
/// A function of the seed and the place alone, so that any moment can be asked for.
class Drift {
 public:
  Drift(uint64_t seed, int64_t channel) : seed_(seed), channel_(channel) {}

  /// @param place  seeded numbers are one unit apart
  /// @returns -1 to 1
  double at(double place) const {
    const double whole = std::floor(place), x = place - whole, y = 1 - x;
    const auto index = static_cast<int64_t>(whole);
    const double first = y * y * y / 6, last = x * x * x / 6;
    const double second = (3 * x * x * x - 6 * x * x + 4) / 6, third = 1 - first - second - last;
    return first * key(index - 1) + second * key(index) + third * key(index + 1) + last * key(index + 2);
  }

 private:
  double key(int64_t index) const { return Chance(seed_, Matter::Motion, index, channel_).between(-1, 1); }

  uint64_t seed_;
  int64_t channel_;
};

}  // namespace weft::world
