#pragma once

#include "plugins/world/materials.h"
#include "plugins/world/sky.h"
#include "plugins/world/stage.h"

namespace weft::world {

/// Turns a pixel on a surface into the light that arrives from it.
class Painter {
 public:
  Painter(const Stage& stage, const Look& look, const Lighting& lighting, const Ground& ground, uint32_t seed)
      : stage_(stage), lighting_(lighting), world_{look, ground, seed}, sky_(look, lighting, stage.view().now, seed) {}

  /// @param x, y  from the pixel that looks straight ahead
  Colour colour(const Surface& surface, float x, float y) const;

 private:
  const Stage& stage_;
  const Lighting& lighting_;
  Surroundings world_;
  Sky sky_;
};

}  // namespace weft::world
