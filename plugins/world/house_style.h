#pragma once

#include "plugins/world/colour.h"

#include <cstdint>

namespace weft::world {

/// Where a lamp is that does not stand.
constexpr float kNoLamp = 1e6F;

/// How the street side of a house is divided and coloured. Lengths in metres.
struct HouseStyle {
  enum class Wall { Plaster, Brick, Panels };

  Wall wall_kind = Wall::Plaster;
  float bay = 2.6F;                                               ///< from window to window
  float floor = 3.2F;                                             ///< from storey to storey
  float ground_floor = 3.9F;                                      ///< height of the lowest storey
  float floors = 4;                                               ///< storeys above it
  float window_width = 0.46F, window_height = 0.6F, sill = 0.2F;  ///< shares of bay and floor
  bool has_shutters = false, has_shop = false, has_crossbars = true, has_bands = false;
  float door_bay = 0;
  float lit_windows = 0;  ///< share
  Colour wall, trim, accent;
  uint32_t seed = 0;
  float street_from = 0, street_to = 0;  ///< where its corners are along the street, from the ground's anchor
  float street_left = 0;                 ///< how far it is from the middle line; 0: on another street
  float lamp = kNoLamp;                  ///< where the nearest lamp of its side is

  float height() const { return ground_floor + floors * floor; }
};

}  // namespace weft::world
