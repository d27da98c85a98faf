#pragma once

#include "plugins/world/camera.h"
#include "plugins/world/lighting.h"
#include "plugins/world/look.h"

namespace weft::world {

/// The sky of a look: brighter towards the horizon and the sun, with clouds, all of them endlessly far.
class Sky {
 public:
  Sky(const Look& look, const Lighting& lighting, const Camera& camera, uint32_t seed);

  /// @param x, y  pixel, from the one that looks straight ahead
  Colour colour(float x, float y) const;

 private:
  const Look& look_;
  Vec to_sun_;
  float focal_;
  float heading_x_, heading_y_;  ///< of the camera
  uint32_t seed_;
};

}  // namespace weft::world
