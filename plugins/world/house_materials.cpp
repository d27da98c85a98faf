#include "plugins/world/house_style.h"
#include "plugins/world/materials.h"
#include "plugins/world/texture.h"

namespace weft::world {
namespace {

/// Bricks in courses, plaster with stains, or concrete panels with joints: how much brighter than the wall's colour.
float wall_shade(const Touch& touch, const HouseStyle& style) {
  const float u = touch.along, v = touch.across;
  float shade = 0.05F * visible(touch.reach(), 2.5F) * noise(u / 2.5F, v / 2.5F, style.seed);
  if (style.wall_kind == HouseStyle::Wall::Brick) {
    constexpr float kLong = 0.5F, kHigh = 0.16F;  // larger than real ones, so that they are seen
    const float row = v / kHigh, column = u / kLong + 0.5F * static_cast<float>(whole(row) & 1);
    const float seen = visible(touch.reach_across, kHigh);
    const float brick = cell_number(whole(column), whole(row), style.seed) - 0.5F;
    const float mortar = pulses(row, touch.reach_across / kHigh, 0, 0.14F);
    shade += 0.16F * seen * brick + 0.16F * mortar - 0.02F;
  } else if (style.wall_kind == HouseStyle::Wall::Panels) {
    const float joints = std::max(pulses(u / style.bay, touch.reach_along / style.bay, 0, 0.02F),
                                  pulses(v / style.floor, touch.reach_across / style.floor, 0, 0.02F));
    shade -= 0.25F * joints;
  }
  return shade;
}

/// A place in a grid of windows.
struct Pane {
  float column, row, reach_column, reach_row;  ///< in bays and floors
  int32_t bay, floor;
  float sharp;  ///< 1 where single windows are seen
};

/// What is behind a pane: curtains, a lit room, or the sky that it mirrors.
/// @param lit    share of such panes with light behind them
/// @param share  of the pixel that is glass
void add_glass(const Pane& pane, const HouseStyle& style, const Look& look, float lit, float share, Finish& finish) {
  const uint32_t bits = cell_bits(pane.bay, pane.floor, style.seed + 21);
  const auto number = [bits](int shift) { return static_cast<float>(bits >> shift & 255) / 255; };
  const float is_lit = between(lit, number(0) < lit ? 1.0F : 0.0F, pane.sharp);
  const float curtain = between(0.3F, number(8) < 0.3F ? 0.85F : 0.0F, pane.sharp);
  const float mirrors = between(0.3F, 0.1F + 0.4F * number(16), pane.sharp);
  const float height = pane.row - static_cast<float>(pane.floor);
  Colour glass = mix(look.glass, look.horizon, mirrors * (0.45F + 0.7F * pane.sharp * (height - 0.4F)));
  glass = mix(glass, Colour{0.72F, 0.68F, 0.6F}, 0.6F * curtain);
  finish.albedo = mix(finish.albedo, glass, share);
  const float brightness = between(0.6F, 0.35F + 0.5F * number(24), pane.sharp);
  finish.glow = (1 - share) * finish.glow + (share * is_lit * brightness) * kWindowLight;
}

/// Windows in rows, with frames, sills, shutters and bands between the storeys.
void add_windows(const Touch& touch, const HouseStyle& style, const Look& look, Finish& finish) {
  Pane pane;
  pane.column = touch.along / style.bay, pane.reach_column = touch.reach_along / style.bay;
  pane.row = (touch.across - style.ground_floor) / style.floor, pane.reach_row = touch.reach_across / style.floor;
  pane.bay = whole(pane.column), pane.floor = whole(pane.row);
  pane.sharp = visible(std::max(pane.reach_column, pane.reach_row), 0.9F);
  const float from = 0.5F - style.window_width / 2, to = 0.5F + style.window_width / 2;
  const float low = style.sill, high = style.sill + style.window_height;
  const auto columns = [&](float left, float right) { return pulses(pane.column, pane.reach_column, left, right); };
  const auto rows = [&](float down, float up) { return pulses(pane.row, pane.reach_row, down, up); };
  const float opening_rows = rows(low, high), opening = columns(from, to) * opening_rows;
  if (style.has_bands) finish.albedo = mix(finish.albedo, style.trim, 0.8F * rows(0, 0.06F));
  if (style.has_shutters) {
    const float wide = style.window_width * 0.42F;
    const float shutters = (columns(from - wide, from - 0.02F) + columns(to + 0.02F, to + wide)) * opening_rows;
    finish.albedo = mix(finish.albedo, style.accent, shutters);
  }
  const float frame = columns(from - 0.035F, to + 0.035F) * rows(low - 0.015F, high + 0.035F);
  const float sill = columns(from - 0.07F, to + 0.07F) * rows(low - 0.05F, low);
  finish.albedo = mix(finish.albedo, style.trim, std::max(frame, sill));
  finish.albedo = (1 - 0.35F * columns(from - 0.06F, to + 0.06F) * rows(low - 0.09F, low - 0.05F)) * finish.albedo;
  const float bars = style.has_crossbars ? std::max(columns(0.485F, 0.515F), rows(high - 0.2F, high - 0.175F)) : 0;
  add_glass(pane, style, look, style.lit_windows, opening * (1 - bars), finish);
  // The lintel's shadow on the glass.
  finish.albedo = (1 - 0.45F * columns(from, to) * rows(high - 0.06F, high)) * finish.albedo;
}

/// The front of a shop: its colour around the panes, and letters on a board above them.
void add_shop_front(const Touch& touch, const Pane& pane, const HouseStyle& style, Finish& finish) {
  const auto rows = [&](float low, float high) { return band(pane.row, pane.reach_row, low, high); };
  finish.albedo = mix(finish.albedo, style.accent, 0.92F * rows(0, 0.97F));
  finish.albedo = mix(finish.albedo, mix(style.accent, style.trim, 0.75F), rows(0.77F, 0.93F));
  const float letters = rows(0.81F, 0.89F) * pulses(touch.along / 0.42F, touch.reach_along / 0.42F, 0.2F, 0.75F) *
                        band(touch.along, touch.reach_along, 1, touch.surface.extent[0] - 1);
  finish.albedo = mix(finish.albedo, style.accent, 0.85F * letters);
}

/// The lowest storey: a shop, or a base of stone and windows; and a door.
void add_ground_floor(const Touch& touch, const HouseStyle& style, const Look& look, Finish& finish) {
  const float top = style.ground_floor;
  Pane pane = {
      touch.along / style.bay, touch.across / top, touch.reach_along / style.bay, touch.reach_across / top, 0, 0, 1};
  pane.bay = whole(pane.column);
  pane.sharp = visible(pane.reach_column, 0.9F);
  const auto columns = [&](float left, float right) { return pulses(pane.column, pane.reach_column, left, right); };
  const auto rows = [&](float low, float high) { return band(pane.row, pane.reach_row, low, high); };
  const float is_door = pane.bay == whole(style.door_bay) ? pane.sharp : 0;
  finish.albedo = mix(finish.albedo, 0.55F * style.wall, band(touch.across, touch.reach_across, -1, 0.55F));
  if (style.has_shop) {
    add_shop_front(touch, pane, style, finish);
    const float lit = std::min(2 * style.lit_windows, 1.0F);
    add_glass(pane, style, look, lit, columns(0.06F, 0.94F) * rows(0.12F, 0.72F) * (1 - is_door), finish);
  } else {
    const float from = 0.5F - style.window_width / 2, to = 1 - from;
    finish.albedo =
        mix(finish.albedo, style.trim, columns(from - 0.035F, to + 0.035F) * rows(0.27F, 0.81F) * (1 - is_door));
    add_glass(pane, style, look, style.lit_windows, columns(from, to) * rows(0.3F, 0.78F) * (1 - is_door), finish);
  }
  finish.albedo = mix(finish.albedo, 0.7F * style.accent, is_door * columns(0.3F, 0.7F) * rows(0, 0.68F));
}

/// Where on the street a pixel of a façade is, from the ground's anchor.
float place_of(const Touch& touch, const HouseStyle& style) {
  return between(style.street_from, style.street_to, touch.along / touch.surface.extent[0]);
}

/// The light of the street's lamps: a little everywhere, most beside one.
void add_lamps(const Touch& touch, const HouseStyle& style, const Look& look, Finish& finish) {
  if (look.lamps <= 0) return;
  const float aside = (place_of(touch, style) - style.lamp) / 4.5F, height = (touch.across - 4.2F) / 3.2F;
  const float low = touch.across / 9, lamp = 1.1F / (1 + aside * aside + height * height) + 0.10F / (1 + low * low);
  finish.glow = finish.glow + (look.lamps * lamp) * (finish.albedo * kLampLight);
}

/// The share of sunlight that passes the houses opposite.
float sun_on(const Touch& touch, const HouseStyle& style, const Ground& ground) {
  if (touch.surface.sun[2] <= 0) return 0;
  if (style.street_left == 0) return touch.surface.sunlit;  // on another street
  return ground.sun_at(Spot{place_of(touch, style) + ground.anchor_along(), style.street_left}, touch.across,
                       touch.reach());
}

}  // namespace

Finish paint_facade(const Touch& touch, const Surroundings& world) {
  const HouseStyle& style = *touch.skin.house;
  Finish finish = flat(touch, (1 + world.look.grain * wall_shade(touch, style)) * style.wall);
  const float top = touch.surface.extent[1], v = touch.across;
  if (v > style.ground_floor) {
    if (v < style.height()) add_windows(touch, style, world.look, finish);
    finish.albedo = mix(finish.albedo, style.trim, 0.7F * band(v, touch.reach_across, style.height() - 0.12F, top));
  } else {
    add_ground_floor(touch, style, world.look, finish);
  }
  const float sill = band(v, touch.reach_across, style.ground_floor - 0.12F, style.ground_floor + 0.1F);
  finish.albedo = mix(finish.albedo, style.trim, 0.8F * sill);
  finish.open = 0.80F + 0.20F * std::min(v / 5, 1.0F);
  finish.open *= 1 - 0.3F * band(v, touch.reach_across, top - 0.5F, top + 1);  // under the eaves
  finish.sunlit = sun_on(touch, style, world.ground);
  add_lamps(touch, style, world.look, finish);
  return finish;
}

Finish paint_wall(const Touch& touch, const Surroundings& world) {
  const HouseStyle& style = *touch.skin.house;
  Finish finish = flat(touch, (0.93F + world.look.grain * wall_shade(touch, style)) * style.wall);
  finish.open = 0.75F + 0.25F * std::min(touch.across / 5, 1.0F);
  add_lamps(touch, style, world.look, finish);
  return finish;
}

Finish paint_tiles(const Touch& touch, const Surroundings& world) {
  const float courses = pulses(touch.across / 0.35F, touch.reach_across / 0.35F, 0, 0.2F);
  const float stains = visible(touch.reach(), 2) * noise(touch.along / 2, touch.across / 2, touch.skin.seed);
  const Colour dry = (1 - 0.18F * courses + 0.08F * stains) * touch.skin.main;
  return flat(touch, mix(dry, kSnow, 0.9F * world.look.snow));
}

Finish paint_awning(const Touch& touch, const Surroundings&) {
  const float stripes = pulses(touch.along / 0.7F, touch.reach_along / 0.7F, 0, 0.5F);
  return flat(touch, mix(touch.skin.main, touch.skin.trim, stripes));
}

}  // namespace weft::world
