#include "plugins/world/painter.h"

namespace weft::world {
namespace {

/// A little more than half a pixel, which makes patterns calmer when they move.
constexpr float kReach = 0.62F;

Touch touch_of(const Surface& surface, const Skin& skin, float x, float y) {
  const float depth = 1 / std::max(surface.inverse_depth.at(x, y), 1e-5F);
  const float along = surface.along.at(x, y) * depth, across = surface.across.at(x, y) * depth;
  const auto reach = [&](const Linear& place, float value) {
    const float to_right = place.x - value * surface.inverse_depth.x, down = place.y - value * surface.inverse_depth.y;
    return kReach * depth *
           std::max(std::abs(to_right) + 0.3F * std::abs(down), std::abs(down) + 0.3F * std::abs(to_right));
  };
  return {surface, skin, along, across, reach(surface.along, along) + 1e-5F, reach(surface.across, across) + 1e-5F,
          depth};
}

Finish finish_of(const Touch& touch, const Surroundings& world) {
  switch (touch.skin.material) {
    case Material::Road:
      return paint_road(touch, world);
    case Material::Paving:
      return paint_paving(touch, world);
    case Material::Lawn:
      return paint_lawn(touch, world);
    case Material::Facade:
      return paint_facade(touch, world);
    case Material::Wall:
      return paint_wall(touch, world);
    case Material::Tiles:
      return paint_tiles(touch, world);
    case Material::Awning:
      return paint_awning(touch, world);
    case Material::VehicleSide:
      return paint_vehicle_side(touch, world);
    case Material::VehicleFront:
      return paint_vehicle_front(touch, world);
    case Material::VehicleRear:
      return paint_vehicle_rear(touch, world);
    case Material::VehicleGlass:
      return paint_vehicle_glass(touch, world);
    case Material::Wheel:
      return paint_wheel(touch, world);
    case Material::Crate:
      return paint_crate(touch, world);
    case Material::Round:
      return paint_round(touch, world);
    case Material::Foliage:
      return paint_foliage(touch, world);
    case Material::Hedge:
      return paint_hedge(touch, world);
    case Material::Sign:
      return paint_sign(touch, world);
    case Material::Light:
      return paint_light(touch, world);
    case Material::Plain:
    case Material::Sky:
      break;
  }
  return paint_plain(touch, world);
}

}  // namespace

Colour Painter::colour(const Surface& surface, float x, float y) const {
  const Skin& skin = stage_.skin_of(surface);
  if (skin.material == Material::Sky) return sky_.colour(x, y);
  const Touch touch = touch_of(surface, skin, x, y);
  return lighting_.through_haze(lighting_.lit(finish_of(touch, world_)), touch.depth);
}

}  // namespace weft::world
