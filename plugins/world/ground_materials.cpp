#include "plugins/world/materials.h"
#include "plugins/world/texture.h"

namespace weft::world {
namespace {

/// A pixel of the ground: its place on the street, and half its size along and across it.
struct Footing {
  GroundPoint point;
  float reach_along, reach_left;
};

Footing footing(const Touch& touch, const Ground& ground) {
  const GroundPoint point = ground.locate(touch.along, touch.across);
  const float x = std::abs(point.heading_x), y = std::abs(point.heading_y);
  return {point, x * touch.reach_along + y * touch.reach_across, y * touch.reach_along + x * touch.reach_across};
}

/// Light and weather of the ground.
Finish finished(const Touch& touch, const Surroundings& world, const GroundPoint& point, const Colour& dry) {
  const Look& look = world.look;
  Finish finish = flat(touch, (1 - 0.45F * look.wetness) * dry);
  const GroundLight light = world.ground.light_at(touch.along, touch.across, point, touch.reach());
  finish.sunlit = light.sunlit;
  finish.open = light.open;
  finish.glow = (1.7F * look.lamps * light.lamp) * (finish.albedo * kLampLight);
  if (look.wetness > 0) {
    // Water shows the sky, most where one looks along it.
    const float slope = 1.5F / std::max(touch.depth, 1.5F), along = 1 - slope;
    const float puddle = 0.6F + 0.4F * visible(touch.reach(), 4) *
                                    noise(point.along / 4, point.left / 2, world.seed + 7, world.ground.cells(4));
    finish.glow = finish.glow + (0.34F * look.wetness * light.open * puddle * along * along) * look.horizon;
  }
  return finish;
}

/// Rough at the scale of `size` metres, which divides the anchor's grid.
float grain(const Footing& at, const Ground& ground, float size, uint32_t seed) {
  const float seen = visible(std::max(at.reach_along, at.reach_left), size);
  if (seen <= 0) return 0;
  return seen * noise(at.point.along / size, at.point.left / size, seed, ground.cells(size));
}

/// Where road works were: rectangles that are a little darker or lighter.
float patches(const Footing& at, const Surroundings& world) {
  constexpr float kLength = 8, kWidth = 3.3F;
  const float column = at.point.along / kLength, row = at.point.left / kWidth;
  const int32_t cell = whole(column) + world.ground.cells(kLength), lane = whole(row);
  const uint32_t bits = cell_bits(cell, lane, world.seed + 11);
  if ((bits & 7) > 2) return 0;
  const float begin = 0.05F + 0.3F * static_cast<float>(bits >> 8 & 63) / 64;
  const float length = 0.25F + 0.35F * static_cast<float>(bits >> 14 & 63) / 64;
  const float tint = (bits >> 20 & 1) != 0 ? 0.05F : -0.08F;
  return tint * pulses(column, at.reach_along / kLength, begin, begin + length) *
         pulses(row, at.reach_left / kWidth, 0.12F, 0.55F + 0.3F * static_cast<float>(bits >> 21 & 7) / 8);
}

/// White lines: dashes in the middle, the edges of the lanes, bays for parking, stop lines, crossings.
float lines(const Footing& at, const Surroundings&) {
  const auto& [point, reach_along, reach_left] = at;
  const float left = point.left, aside = std::abs(left), far = std::abs(point.junction);
  const auto lane_edge = static_cast<float>(kLaneEdge), kerb = static_cast<float>(kKerb);
  if (aside > kerb) return 0;
  const float open_road = above(far, reach_along, 8.7F);
  const float dashes = band(left, reach_left, -0.07F, 0.07F) * pulses(point.along / 8, reach_along / 8, 0.1F, 0.5F);
  const float edge = band(aside, reach_left, lane_edge - 0.05F, lane_edge + 0.05F);
  const float bays =
      band(aside, reach_left, lane_edge, lane_edge + 1.1F) * pulses(point.along / 6.4F, reach_along / 6.4F, 0, 0.016F);
  const bool is_approach = (point.junction < 0) == (left < 0);
  const float stop = is_approach ? band(far, reach_along, 7.8F, 8.25F) * band(aside, reach_left, 0.1F, lane_edge) : 0;
  const float stripes = band(far, reach_along, 3.9F, 6.9F) * band(aside, reach_left, 0, kerb - 0.3F) *
                        pulses(left, reach_left, 0.25F, 0.75F);
  return std::min(open_road * (dashes + edge + bays) + stop + stripes, 1.0F);
}

/// How much tyres run over a place: 1 in the middle of their tracks.
float tracks(float left) {
  const float from_lane = std::abs(std::abs(left) - static_cast<float>(kLaneMiddle));
  const float from_track = std::abs(from_lane - 0.75F) / 0.4F;
  return std::max(1 - from_track * from_track, 0.0F);
}

}  // namespace

Finish paint_road(const Touch& touch, const Surroundings& world) {
  const Footing at = footing(touch, world.ground);
  const Look& look = world.look;
  const float rough = look.grain * (0.035F * grain(at, world.ground, 0.25F, world.seed) +
                                    0.035F * grain(at, world.ground, 2, world.seed + 1));
  const float used = tracks(at.point.left) * above(std::abs(at.point.junction), 1.5F, 8);
  Colour albedo = (1 + rough + patches(at, world) - 0.07F * used) * look.asphalt;
  albedo = mix(albedo, look.marking, 0.9F * lines(at, world));
  if (look.snow > 0) {
    const float lies =
        std::clamp(0.88F - 0.48F * used * used + 0.25F * grain(at, world.ground, 1, world.seed + 2), 0.0F, 1.0F);
    albedo = mix(albedo, kSnow, look.snow * lies);
  }
  return finished(touch, world, at.point, albedo);
}

Finish paint_paving(const Touch& touch, const Surroundings& world) {
  const Footing at = footing(touch, world.ground);
  const Look& look = world.look;
  const float aside = std::abs(at.point.left) - static_cast<float>(kKerb);
  const bool is_side_street = aside > static_cast<float>(kHouseLine - kKerb);
  // Slabs of half a metre, each in its own shade, with joints between them.
  const float seen = visible(std::max(at.reach_along, at.reach_left), 0.5F);
  const float slab =
      cell_number(whole(at.point.along / 0.5F) + world.ground.cells(0.5), whole(at.point.left / 0.5F), world.seed + 3);
  const float joints = std::max(pulses(at.point.along / 0.5F, at.reach_along / 0.5F, 0, 0.06F),
                                pulses(at.point.left / 0.5F, at.reach_left / 0.5F, 0, 0.06F));
  const float rough = look.grain * (0.09F * seen * (slab - 0.5F) + 0.05F * grain(at, world.ground, 2, world.seed + 4));
  Colour albedo = (1 + rough - 0.22F * joints) * look.paving;
  const float kerb = is_side_street ? 0 : band(aside, at.reach_left, -1, 0.28F);
  albedo = mix(albedo, 1.08F * look.paving, kerb);
  if (look.snow > 0) {
    const float lies = std::clamp(0.75F + 0.5F * grain(at, world.ground, 2, world.seed + 5), 0.0F, 1.0F);
    albedo = mix(albedo, kSnow, look.snow * lies);
  }
  Finish finish = finished(touch, world, at.point, albedo);
  if (!is_side_street) finish.open *= 0.8F + 0.2F * std::min((4 - aside) / 1.2F, 1.0F);  // beside the houses
  return finish;
}

Finish paint_lawn(const Touch& touch, const Surroundings& world) {
  const Footing at = footing(touch, world.ground);
  const Look& look = world.look;
  const float rough =
      0.12F * grain(at, world.ground, 0.5F, world.seed + 6) + 0.1F * grain(at, world.ground, 4, world.seed);
  const Colour albedo = mix((1 + rough) * look.lawn, kSnow, 0.9F * look.snow);
  return finished(touch, world, at.point, albedo);
}

}  // namespace weft::world
