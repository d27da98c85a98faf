#pragma once

#include "plugins/world/ground.h"
#include "plugins/world/lighting.h"
#include "plugins/world/look.h"
#include "plugins/world/surface.h"

namespace weft::world {

/// A pixel on a surface.
struct Touch {
  const Surface& surface;
  const Skin& skin;
  float along = 0, across = 0;              ///< metres on the patch
  float reach_along = 0, reach_across = 0;  ///< half the pixel, in the same
  float depth = 0;                          ///< metres

  float reach() const { return std::max(reach_along, reach_across); }
};

/// The inputs of a material.
struct Surroundings {
  const Look& look;
  const Ground& ground;
  uint32_t seed = 0;
};

constexpr Colour kSnow = {0.86F, 0.89F, 0.93F};

/// The light of a street lamp, and of a window at night.
constexpr Colour kLampLight = {1.0F, 0.72F, 0.38F};
constexpr Colour kWindowLight = {1.0F, 0.70F, 0.34F};

// Materials of the ground. Patches begin at the anchor and are aligned with the world's axes.
Finish paint_road(const Touch& touch, const Surroundings& world);
Finish paint_paving(const Touch& touch, const Surroundings& world);
Finish paint_lawn(const Touch& touch, const Surroundings& world);

// Of houses.
Finish paint_facade(const Touch& touch, const Surroundings& world);
Finish paint_wall(const Touch& touch, const Surroundings& world);
Finish paint_tiles(const Touch& touch, const Surroundings& world);
Finish paint_awning(const Touch& touch, const Surroundings& world);

// Of vehicles. `main` is the paint.
Finish paint_vehicle_side(const Touch& touch, const Surroundings& world);
Finish paint_vehicle_front(const Touch& touch, const Surroundings& world);
Finish paint_vehicle_rear(const Touch& touch, const Surroundings& world);
Finish paint_vehicle_glass(const Touch& touch, const Surroundings& world);
Finish paint_crate(const Touch& touch, const Surroundings& world);
Finish paint_wheel(const Touch& touch, const Surroundings& world);

// Of all else.
Finish paint_plain(const Touch& touch, const Surroundings& world);
Finish paint_round(const Touch& touch, const Surroundings& world);
Finish paint_foliage(const Touch& touch, const Surroundings& world);
Finish paint_hedge(const Touch& touch, const Surroundings& world);
Finish paint_sign(const Touch& touch, const Surroundings& world);
Finish paint_light(const Touch& touch, const Surroundings& world);

/// The base of every flat material: the colour, and the light of sun and sky on its surface.
inline Finish flat(const Touch& touch, const Colour& albedo) {
  const Surface& surface = touch.surface;
  return {albedo, {}, surface.sun[2], surface.up[2], surface.sunlit, 1};
}

/// Ambient light on an object above the ground: less near the ground.
inline float open_at(float height) {
  return 0.72F + 0.28F * std::min(height / 1.6F, 1.0F);
}

}  // namespace weft::world
