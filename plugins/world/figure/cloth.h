#pragma once

#include "plugins/world/figure/identity.h"

namespace weft::world {

/// The colour of a cloth at a place, averaged over the pixel.
/// @param along, around  metres
/// @param reach          half the pixel, in metres
Colour cloth_colour(const Cloth& cloth, float along, float around, float reach);

}  // namespace weft::world
