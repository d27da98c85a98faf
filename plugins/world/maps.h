#pragma once

#include "plugins/world/band.h"
#include "plugins/world/painter.h"
#include "plugins/world/stage.h"

#include <cstdint>
#include <vector>

namespace weft::world {

/// A stage and the surface at the centre of each pixel.
struct Glance {
  const Stage& stage;
  const std::vector<int32_t>& centres;
};

/// One row of the picture: the mean of the colours at all sample points of each pixel.
/// @param image  three maps of height x width, in [-1, 1]
void paint_row(const Stage& stage, const Painter& painter, const Band& band, int y, float* image);

/// The surface at each pixel's centre.
void map_classes(const Glance& now, int64_t* labels, int64_t* instances);

/// Depth of the surface at each pixel's centre, its position in the previous frame, and whether it was visible there.
/// @param flow       two maps: x and y in pixels, from this frame to the one before
/// @param occlusion  1 where it was occluded or outside of the image
void map_motion(const Glance& now, const Glance& before, float* flow, float* occlusion, float* depth);

}  // namespace weft::world
