#pragma once

#include "plugins/world/layout.h"

#include <cmath>

namespace weft::world {

/// Street lamps: one every 25 metres, on the left and on the right in turn.
constexpr double kLampSpacing = 25;

inline double lamp_along(int64_t lamp) {
  return kLampSpacing * static_cast<double>(lamp) + 4;
}
inline double lamp_side(int64_t lamp) {
  return wrapped(lamp, 2) == 0 ? 1 : -1;
}
/// Lamps leave out the crossing streets.
inline bool stands(const Layout& layout, int64_t lamp) {
  const double along = lamp_along(lamp);
  const int64_t block = layout.block_at(along);
  return along > layout.junction(block) + 4.5 && along < layout.junction(block + 1) - 4.5;
}

/// How far along the street the lamp nearest to a place on one side is; far away when it is left out.
inline double nearest_lamp(const Layout& layout, double along, double side) {
  const int64_t first = side > 0 ? 0 : 1;
  const int64_t lamp = first + 2 * std::llround((along - lamp_along(first)) / (2 * kLampSpacing));
  return stands(layout, lamp) ? lamp_along(lamp) : along + 1e4;
}

}  // namespace weft::world
