#include "plugins/world/materials.h"
#include "plugins/world/texture.h"
#include "plugins/world/vehicle_shape.h"

namespace weft::world {
namespace {

/// Paint with the light of the sky on it: brighter upwards.
Finish painted(const Touch& touch, const Surroundings& world, const Colour& paint, float height) {
  Finish finish = flat(touch, paint);
  finish.open = open_at(height);
  const float gloss = 0.05F + 0.05F * std::max(touch.surface.up[2], 0.0F);
  finish.glow = gloss * mix(world.look.from_above, world.look.horizon, 0.5F);
  return finish;
}

constexpr Colour kRubber = {0.012F, 0.012F, 0.013F};
constexpr Colour kTrim = {0.03F, 0.032F, 0.036F};

/// How much of a pixel lies in a circle.
float circle(float x, float y, float radius, float reach) {
  return std::clamp(0.5F + (radius - std::sqrt(x * x + y * y)) / (2 * reach), 0.0F, 1.0F);
}

}  // namespace

Finish paint_vehicle_side(const Touch& touch, const Surroundings& world) {
  const float length = touch.surface.extent[0], height = touch.surface.extent[1], reach = touch.reach();
  const float u = touch.along, v = touch.across;
  Finish finish = painted(touch, world, touch.skin.main, v + 0.3F);
  finish.albedo = mix(finish.albedo, kTrim, band(v, touch.reach_across, -1, 0.1F));
  const float crease = band(v, touch.reach_across, 0.62F * height, 0.68F * height);
  finish.albedo = (1 + 0.25F * crease) * finish.albedo;
  const auto seam = [&](float at) { return band(u / length, touch.reach_along / length, at - 0.004F, at + 0.004F); };
  const float seams = (seam(0.33F) + seam(0.54F) + seam(0.74F)) * band(v, touch.reach_across, 0.12F, height);
  finish.albedo = (1 - 0.45F * std::min(seams, 1.0F)) * finish.albedo;
  // The arches above the wheels; wheels are parts of their own.
  const float front = kWheelPlace * length, rear = (1 - kWheelPlace) * length;
  const float arch = touch.surface.extent[2] + 0.06F, centre = touch.surface.extent[2] - kBodyGap;
  const float arches = std::max(circle(u - front, v - centre, arch, reach), circle(u - rear, v - centre, arch, reach));
  finish.albedo = mix(finish.albedo, kRubber, arches);
  finish.glow = (1 - arches) * finish.glow;
  return finish;
}

Finish paint_vehicle_front(const Touch& touch, const Surroundings& world) {
  const float width = touch.surface.extent[0], height = touch.surface.extent[1];
  const float u = touch.along / width, v = touch.across / height;
  const float ru = touch.reach_along / width, rv = touch.reach_across / height;
  Finish finish = painted(touch, world, touch.skin.main, touch.across + 0.3F);
  finish.albedo = mix(finish.albedo, kTrim, band(u, ru, 0.27F, 0.73F) * band(v, rv, 0.42F, 0.74F));
  finish.albedo = mix(finish.albedo, kTrim, band(v, rv, -1, 0.2F));
  const float plate = band(u, ru, 0.38F, 0.62F) * band(v, rv, 0.22F, 0.38F);
  finish.albedo = mix(finish.albedo, Colour{0.75F, 0.75F, 0.7F}, plate);
  const float lamps = (band(u, ru, 0.05F, 0.22F) + band(u, ru, 0.78F, 0.95F)) * band(v, rv, 0.55F, 0.8F);
  finish.albedo = mix(finish.albedo, Colour{0.8F, 0.82F, 0.82F}, lamps);
  finish.glow = finish.glow + (1.6F * lamps * touch.skin.glow) * Colour{1.0F, 0.92F, 0.75F};
  return finish;
}

Finish paint_vehicle_rear(const Touch& touch, const Surroundings& world) {
  const float width = touch.surface.extent[0], height = touch.surface.extent[1];
  const float u = touch.along / width, v = touch.across / height;
  const float ru = touch.reach_along / width, rv = touch.reach_across / height;
  Finish finish = painted(touch, world, touch.skin.main, touch.across + 0.3F);
  finish.albedo = mix(finish.albedo, kTrim, band(v, rv, -1, 0.22F));
  finish.albedo = (1 - 0.4F * band(u, ru, 0.08F, 0.92F) * band(v, rv, 0.46F, 0.48F)) * finish.albedo;
  const float plate = band(u, ru, 0.36F, 0.64F) * band(v, rv, 0.5F, 0.68F);
  finish.albedo = mix(finish.albedo, Colour{0.75F, 0.75F, 0.7F}, plate);
  const float lamps = (band(u, ru, 0.03F, 0.2F) + band(u, ru, 0.8F, 0.97F)) * band(v, rv, 0.56F, 0.86F);
  finish.albedo = mix(finish.albedo, Colour{0.45F, 0.015F, 0.015F}, lamps);
  finish.glow = finish.glow + (lamps * touch.skin.glow) * Colour{1.0F, 0.06F, 0.04F};
  return finish;
}

Finish paint_vehicle_glass(const Touch& touch, const Surroundings& world) {
  const Surface& surface = touch.surface;
  const float length = surface.extent[0], height = surface.extent[1];
  const float v = touch.across / height, rv = touch.reach_across / height;
  // The pane's sides lean inwards, by extent[2] metres at the top.
  const float inset = surface.extent[2] * v, u = touch.along - inset, span = length - 2 * inset;
  const float post = 0.07F;
  float frame = 1 - band(u, touch.reach_along, post, span - post) * band(v, rv, 0.05F, 0.9F);
  if (touch.skin.seed != 0)
    frame = std::max(frame, band(touch.along / length, touch.reach_along / length, 0.49F, 0.53F));
  Finish finish = painted(touch, world, touch.skin.main, 1.2F);
  const float mirror = 0.12F + 0.38F * std::clamp(v, 0.0F, 1.0F);
  const Colour glass = mix(0.5F * world.look.glass, world.look.horizon, mirror * 0.6F);
  finish.albedo = mix(finish.albedo, 0.35F * glass, 1 - frame);
  finish.glow =
      mix(finish.glow, (0.38F * glass) * (world.look.from_above + 0.3F * surface.sunlit * world.look.sun), 1 - frame);
  return finish;
}

Finish paint_crate(const Touch& touch, const Surroundings& world) {
  const float width = touch.surface.extent[0], height = touch.surface.extent[1];
  const float u = touch.along, v = touch.across;
  Finish finish = painted(touch, world, touch.skin.main, v + 0.9F);
  // A frame around it, a stripe, and doors where it is narrow.
  const float inner =
      band(u, touch.reach_along, 0.07F, width - 0.07F) * band(v, touch.reach_across, 0.1F, height - 0.09F);
  finish.albedo = mix(0.55F * finish.albedo, finish.albedo, inner);
  finish.albedo =
      mix(finish.albedo, touch.skin.trim, band(v, touch.reach_across, 0.42F * height, 0.58F * height) * inner);
  if (width < 3)
    finish.albedo = (1 - 0.6F * band(u, touch.reach_along, width / 2 - 0.02F, width / 2 + 0.02F)) * finish.albedo;
  return finish;
}

Finish paint_wheel(const Touch& touch, const Surroundings&) {
  const float radius = touch.surface.extent[1], reach = touch.reach();
  const float hub = circle(touch.along, touch.across, 0.62F * radius, reach);
  const float inner = circle(touch.along, touch.across, 0.2F * radius, reach);
  Finish finish = flat(touch, mix(kRubber, Colour{0.32F, 0.33F, 0.35F}, hub));
  finish.albedo = mix(finish.albedo, Colour{0.1F, 0.1F, 0.11F}, inner);
  finish.open = 0.75F;
  return finish;
}

}  // namespace weft::world
