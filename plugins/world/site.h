#pragma once

#include "plugins/world/ground.h"
#include "plugins/world/layout.h"
#include "plugins/world/look.h"
#include "plugins/world/stage.h"

namespace weft::world {

/// The range of objects ahead of and behind the camera, in metres. No look shows more.
constexpr double kSight = 345, kSightBehind = 16;

/// The context in which objects are placed: the street, the stage and the ground.
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

/// Opacity of an object that is omitted from `limit` metres on: it fades, so that it does not disappear visibly.
inline float fade(double away, double limit) {
  return static_cast<float>(1 - smooth_step(0.6 * limit, limit, away));
}

// Each function adds the visible objects to the stage, and their shadows to the ground.
void add_houses(Site& site);  ///< also parks, and their shadows, which others ask for: the first
void add_ground(Site& site);  ///< the road and its pavements
void add_trees(Site& site);
void add_furniture(Site& site);  ///< lamps, signs, traffic lights

}  // namespace weft::world
