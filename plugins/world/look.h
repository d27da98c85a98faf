#pragma once

#include "plugins/world/colour.h"

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace weft::world {

/// City, hour and weather of the street; positions of objects do not depend on them.
struct Look {
  std::string_view name;
  std::string_view about;

  // The hour.
  float sun_bearing = 0;          ///< degrees to the left of the street's general direction
  float sun_height = 45;          ///< degrees above the horizon
  Colour sun;                     ///< light on a surface that faces it
  Colour from_above, from_below;  ///< light of the sky and of the ground
  Colour zenith, horizon;         ///< the sky, which is also the colour of the haze
  float lamps = 0;                ///< how bright lamps are; 0 by day
  float lit_windows = 0;          ///< share of windows with light behind them

  // The weather.
  float visibility = 300;   ///< metres at which there is nothing but haze
  float haze_onset = 1.6F;  ///< above 1: near things are clear; 1: haze begins at once
  Colour cloud;
  float clouds = 0;  ///< share of the sky
  float wetness = 0, snow = 0;

  // The city.
  std::array<Colour, 6> walls;
  float brick_houses = 0;  ///< share
  Colour trim, glass;
  std::array<Colour, 3> roofs;
  std::array<Colour, 4> shops;  ///< signs, awnings, shutters and doors
  std::array<Colour, 6> cars = {rgb(0xC23B33), rgb(0x2F5FA6), rgb(0xDADCDD),
                                rgb(0x3A3F47), rgb(0xE0B23C), rgb(0x3E7F78)};
  std::array<Colour, 6> clothes = {rgb(0xC8473F), rgb(0x3565B0), rgb(0xE5B94A),
                                   rgb(0x4A4E57), rgb(0xE4E1D8), rgb(0x5D8C5A)};
  std::array<Colour, 3> leaves;
  Colour asphalt, paving, lawn;
  Colour marking = rgb(0xF2EEE3);
  float grain = 1;  ///< how rough asphalt, plaster and paving look
};

/// All looks that have names.
std::span<const Look> all_looks();

/// A look whose light, weather, colours and textures are drawn at random: one for each seed.
Look drawn_look(uint64_t seed);

}  // namespace weft::world
