#pragma once

#include "plugins/world/ground.h"
#include "plugins/world/layout.h"
#include "plugins/world/look.h"
#include "plugins/world/stage.h"

namespace weft::world {

/// How far ahead and behind the camera things stand, in metres. No look lets one see farther.
constexpr double kSight = 345, kSightBehind = 16;

/// Where things are put: what they need to know of the street, and the stage and the ground that take them.
struct Site {
  Stage& stage;
  Ground& ground;
  const Road& road;
  const Layout& layout;
  const Look& look;
  double along = 0;  ///< of the camera

  double from() const { return along - kSightBehind; }
  double to() const { return along + kSight; }
};

/// A number by which a thing is known in all frames.
inline uint32_t key_of(Matter matter, int64_t index, int64_t part = 0) {
  return static_cast<uint32_t>(Chance(0x5EED, matter, index, part).bits());
}

/// How much is drawn of what is left out from `limit` metres on: it must not be seen to go.
inline float fade(double away, double limit) {
  return static_cast<float>(1 - smooth_step(0.6 * limit, limit, away));
}

// Each puts what is in sight onto the stage and its shadow onto the ground.
void add_houses(Site& site);  ///< also parks, and their shadows, which others ask for: the first
void add_ground(Site& site);  ///< the road and its pavements
void add_trees(Site& site);
void add_furniture(Site& site);  ///< lamps, signs, traffic lights

}  // namespace weft::world
