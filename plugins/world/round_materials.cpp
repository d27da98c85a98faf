#include "plugins/world/materials.h"
#include "plugins/world/texture.h"

namespace weft::world {
namespace {

/// A direction on a patch: along, across, out of it.
struct Normal {
  float along, across, out;

  float towards(const float (&direction)[3]) const {
    return along * direction[0] + across * direction[1] + out * direction[2];
  }
};

/// Of a rod whose radius changes from end to end, or of a ball, which has no length.
Normal normal_of(const Touch& touch) {
  const float* extent = touch.surface.extent;
  float along = 0, radius = extent[1];
  if (extent[0] > 0) {
    radius = between(extent[1], extent[2], std::clamp(touch.along / extent[0], 0.0F, 1.0F));
    // Beyond its ends a rod is a ball.
    along = touch.along < 0 ? touch.along / extent[1] : std::max(touch.along - extent[0], 0.0F) / extent[2];
  } else {
    along = touch.along / radius;
  }
  const float across = touch.across / radius, square = along * along + across * across;
  if (square >= 1) return {along / std::sqrt(square), across / std::sqrt(square), 0};
  return {along, across, std::sqrt(1 - square)};
}

Finish rounded(const Touch& touch, const Colour& albedo) {
  const Normal normal = normal_of(touch);
  Finish finish = flat(touch, albedo);
  finish.sun = normal.towards(touch.surface.sun);
  finish.up = normal.towards(touch.surface.up);
  return finish;
}

}  // namespace

Finish paint_plain(const Touch& touch, const Surroundings& world) {
  Finish finish = flat(touch, touch.skin.main);
  finish.albedo = mix(finish.albedo, kSnow, 0.9F * world.look.snow * above(finish.up, 0.1F, 0.7F));
  return finish;
}

Finish paint_round(const Touch& touch, const Surroundings&) {
  return rounded(touch, touch.skin.main);
}

Finish paint_foliage(const Touch& touch, const Surroundings& world) {
  const float radius = touch.surface.extent[1];
  Finish finish = rounded(touch, touch.skin.main);
  const uint32_t seed = touch.skin.seed + touch.surface.key;
  // Leaves in bunches: bright tips over dark gaps.
  const float coarse = visible(touch.reach(), 0.45F), fine = visible(touch.reach(), 0.16F);
  const float leaves = 0.30F * coarse * noise(touch.along / 0.45F, touch.across / 0.45F, seed) +
                       0.26F * fine * noise(touch.along / 0.16F, touch.across / 0.16F, seed + 1);
  finish.albedo = (1 + leaves * world.look.grain) * touch.skin.main;
  // The crown is lit as a whole more than ball by ball. Light comes through it: no side is black.
  finish.sun = 0.4F * finish.sun + 0.6F * touch.skin.outwards_sun;
  finish.up = 0.45F * finish.up + 0.55F * touch.skin.outwards_up;
  finish.sun = 0.25F + 0.75F * std::max(finish.sun, -0.2F);
  finish.open = 0.55F + 0.25F * (finish.up + 1) * 0.9F;
  const float lies = std::clamp(1.6F * (finish.up - 0.15F) + leaves, 0.0F, 1.0F);
  finish.albedo = mix(finish.albedo, kSnow, 0.85F * world.look.snow * lies);
  finish.glow = (0.05F * world.look.lamps * std::clamp(0.5F - finish.up, 0.0F, 1.0F) / std::max(radius, 0.5F)) *
                (finish.albedo * kLampLight);
  return finish;
}

Finish paint_hedge(const Touch& touch, const Surroundings& world) {
  Finish finish = flat(touch, touch.skin.main);
  const float coarse = visible(touch.reach(), 0.5F), fine = visible(touch.reach(), 0.15F);
  const float leaves = 0.16F * coarse * noise(touch.along / 0.5F, touch.across / 0.5F, touch.skin.seed) +
                       0.14F * fine * noise(touch.along / 0.15F, touch.across / 0.15F, touch.skin.seed + 1);
  finish.albedo = (1 + leaves * world.look.grain) * finish.albedo;
  finish.open = 0.6F + 0.4F * std::min(std::abs(touch.across), 1.0F);
  finish.albedo = mix(finish.albedo, kSnow, 0.9F * world.look.snow * above(finish.up, 0.1F, 0.7F));
  return finish;
}

Finish paint_sign(const Touch& touch, const Surroundings&) {
  // A rim around a face; the symbol on the face is a bar or a dot.
  const float radius = touch.surface.extent[1], reach = touch.reach();
  const float distance = std::sqrt(touch.along * touch.along + touch.across * touch.across);
  const float rim = std::clamp(0.5F + (distance - 0.76F * radius) / (2 * reach), 0.0F, 1.0F);
  Colour colour = mix(touch.skin.main, touch.skin.trim, rim);
  const float bar = band(touch.along, touch.reach_along, -0.5F * radius, 0.5F * radius) *
                    band(touch.across, touch.reach_across, -0.14F * radius, 0.14F * radius);
  return flat(touch, mix(colour, touch.skin.accent, bar));
}

Finish paint_light(const Touch& touch, const Surroundings&) {
  Finish finish = flat(touch, touch.skin.main);
  finish.glow = touch.skin.glow * touch.skin.accent;
  return finish;
}

}  // namespace weft::world
