#include "plugins/world/lamps.h"
#include "plugins/world/site.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kDepth = 12;    // metres, of the houses on the main street
constexpr double kEaves = 0.38;  // how far they project

/// The properties of a lot that follow from hashes: all but the shape of its ground.
struct House {
  HouseStyle style;
  Colour roof;
  double roof_rise = 0;  ///< metres; 0: flat
  double roof_run = 1;
  bool has_awning = false, has_chimney = false;
  int32_t instance = 0;
  uint32_t key = 0;
};

/// How a front of `width` metres is divided.
HouseStyle drawn_style(Chance& chance, double width) {
  HouseStyle style;
  style.seed = static_cast<uint32_t>(chance.bits());
  const auto between = [&](double from, double to) { return static_cast<float>(chance.between(from, to)); };
  const auto bays = std::max(std::round(static_cast<float>(width) / between(2.3, 3.1)), 2.0F);
  style.bay = static_cast<float>(width) / bays;
  style.floor = between(2.9, 3.4);
  style.ground_floor = between(3.5, 4.2);
  style.floors = static_cast<float>(2 + chance.pick(4));
  style.window_width = between(0.36, 0.52);
  style.window_height = between(0.5, 0.62);
  style.sill = between(0.2, 0.26);
  style.has_shutters = chance.happens(0.3);
  style.has_shop = chance.happens(0.5);
  style.has_crossbars = chance.happens(0.7);
  style.has_bands = chance.happens(0.4);
  style.door_bay = static_cast<float>(chance.pick(static_cast<size_t>(bays)));
  return style;
}

/// Walls and colours as the look has them. Each look takes as many numbers, so that all else is the same in all of them.
void colour(HouseStyle& style, Chance& chance, const Look& look) {
  const bool is_brick = chance.happens(look.brick_houses), is_panels = chance.happens(0.25);
  if (is_panels) style.wall_kind = HouseStyle::Wall::Panels;
  if (is_brick) style.wall_kind = HouseStyle::Wall::Brick;
  const auto tint = static_cast<float>(chance.between(0.9, 1.06));
  style.wall = tint * look.walls[chance.pick(look.walls.size())];
  style.accent = look.shops[chance.pick(look.shops.size())];
  style.trim = look.trim;
  style.lit_windows = look.lit_windows;
}

House house_of(const Site& site, int64_t index, double width) {
  Chance chance(site.layout.seed(), Matter::Building, index);
  House house;
  house.style = drawn_style(chance, width);
  colour(house.style, chance, site.look);
  house.roof = site.look.roofs[chance.pick(site.look.roofs.size())];
  house.roof_rise = chance.happens(0.65) ? chance.between(1.6, 3.2) : 0;
  house.roof_run = chance.between(2.2, 4);
  house.has_awning = chance.happens(0.6) && house.style.has_shop;
  house.has_chimney = chance.happens(0.7) && house.roof_rise > 0;
  house.instance = instance_id(Label::Building, index);
  house.key = key_of(Matter::Building, index);
  return house;
}

Skin skin_of(const House& house, Material material, const Colour& colour) {
  Skin skin;
  skin.material = material;
  skin.label = Label::Building;
  skin.instance = house.instance;
  skin.seed = house.style.seed;
  skin.main = colour;
  skin.trim = house.style.trim;
  return skin;
}

enum class Side { Front, Other };

/// The skin of a wall: windows are dealt out evenly over its width.
int32_t wall_skin(Site& site, const House& house, Side side, Material material, double width) {
  Skin skin = skin_of(house, material, house.style.wall);
  HouseStyle style = house.style;
  style.bay = static_cast<float>(width / std::max(std::round(width / house.style.bay), 1.0));
  if (side == Side::Other) style.street_left = 0, style.lamp = kNoLamp;
  skin.house = site.stage.style(style);
  return site.stage.skin(skin);
}

/// Cornice, roof, awning and chimney along a façade from one corner to the other, which face to its right.
void add_front_parts(Site& site, const House& house, const Vec& from, const Vec& to) {
  Stage& stage = site.stage;
  const Vec along = to - from, out = unit(cross(along, kUp));
  const double height = house.style.height() + 0.5;
  const int32_t trim = stage.skin(skin_of(house, Material::Plain, house.style.trim));
  const Vec eaves = from + kEaves * out + (height - 0.32) * kUp;
  stage.wall(eaves, eaves + along, 0.32, trim);
  stage.rectangle(eaves, -(kEaves * out), along, trim);  // seen from below
  if (house.roof_rise > 0) {
    const int32_t tiles = stage.skin(skin_of(house, Material::Tiles, house.roof));
    stage.rectangle(eaves + 0.32 * kUp, along, house.roof_rise * kUp - (house.roof_run + kEaves) * out, tiles);
  }
  if (!house.has_awning) return;
  Skin cloth = skin_of(house, Material::Awning, house.style.accent);
  const Vec hung = from + 0.1 * along + 3.05 * kUp;
  stage.rectangle(hung + 1.1 * out - 0.55 * kUp, 0.8 * along, 0.55 * kUp - 1.1 * out, stage.skin(cloth));
  stage.wall(hung + 1.1 * out - 0.8 * kUp, hung + 1.1 * out - 0.8 * kUp + 0.8 * along, 0.25, stage.skin(cloth));
}

void add_chimney(Site& site, const House& house, const Vec& from, const Vec& to) {
  const Vec out = unit(cross(to - from, kUp));
  const double base = house.style.height() + 0.3 + 0.6 * house.roof_rise;
  Pose pose;
  pose.origin = mix(from, to, 0.3) - (0.8 * house.roof_run) * out + base * kUp;
  site.stage.enter(Body::still(pose, house.key + 1));
  const int32_t skin = site.stage.skin(skin_of(house, Material::Plain, 0.8F * house.roof));
  site.stage.box({-0.45, -0.45, 0}, {0.45, 0.45, 0.5 * house.roof_rise + 1.1}, skin, skin);
}

/// A wall between front and back, up to the roof that rises from the front.
void add_side(Site& site, const House& house, const Vec& from, const Vec& to, bool begins_at_front, int32_t skin) {
  const double depth = length(to - from), height = house.style.height() + 0.5, peak = height + house.roof_rise;
  const double eaves =
      height + house.roof_rise * kEaves / (house.roof_run + kEaves);  // under the roof, where the wall stands
  const double bend = begins_at_front ? house.roof_run : depth - house.roof_run;
  const double first = begins_at_front ? eaves : peak, last = begins_at_front ? peak : eaves;
  const auto extent = std::array<float, 3>{static_cast<float>(depth), static_cast<float>(height), 0};
  site.stage.polygon({from, (1 / depth) * (to - from), kUp},
                     std::array<Point, 5>{{{0, 0}, {depth, 0}, {depth, last}, {bend, peak}, {0, first}}}, skin, extent);
}

/// The ground of a house: the front from left to right as one sees it from behind, then the back. Walls face outwards.
using Corners = std::array<Vec, 4>;

void add_house(Site& site, const House& house, const Corners& corners, bool has_windows_at_end,
               bool has_windows_at_begin) {
  const auto& [from, to, back_to, back_from] = corners;
  const double height = house.style.height() + 0.5;
  const auto skin = [&](bool has_windows, const Vec& a, const Vec& b) {
    return wall_skin(site, house, Side::Other, has_windows ? Material::Facade : Material::Wall, length(b - a));
  };
  site.stage.wall(from, to, height, wall_skin(site, house, Side::Front, Material::Facade, length(to - from)));
  add_front_parts(site, house, from, to);
  add_side(site, house, to, back_to, true, skin(has_windows_at_end, to, back_to));
  add_side(site, house, back_from, from, false, skin(has_windows_at_begin, back_from, from));
  site.stage.wall(back_to, back_from, height + house.roof_rise, skin(true, back_to, back_from));
  if (house.has_chimney) add_chimney(site, house, from, to);
}

/// A house on the main street.
void add_lot(Site& site, const Lot& lot, bool is_first, bool is_last) {
  const double front = lot.side * kHouseLine, back = lot.side * (kHouseLine + kDepth);
  const bool is_left = lot.side > 0;
  const double begin = is_left ? lot.from : lot.to, end = is_left ? lot.to : lot.from;
  const Road& road = site.road;
  const Corners corners = {road.at({begin, front}), road.at({end, front}), road.at({end, back}),
                           road.at({begin, back})};
  House house = house_of(site, sided(lot.index, lot.side), length(corners[1] - corners[0]));
  site.ground.add_house(lot.from, lot.to, house.style.height() + 0.5 + 0.7 * house.roof_rise, lot.side);
  if (!site.stage.sees(mix(corners[0], corners[2], 0.5) + 5 * kUp, 24)) return;
  const double anchor = site.ground.anchor_along();
  house.style.street_from = static_cast<float>(begin - anchor);
  house.style.street_to = static_cast<float>(end - anchor);
  house.style.street_left = static_cast<float>(front);
  house.style.lamp = static_cast<float>(nearest_lamp(site.layout, 0.5 * (lot.from + lot.to), lot.side) - anchor);
  site.stage.enter(Body::still({}, house.key));
  add_house(site, house, corners, is_left ? is_last : is_first, is_left ? is_first : is_last);
}

/// A house on another street, which is seen through a crossing street or over a park.
void add_far_house(Site& site, int64_t index, const Vec& from, const Vec& to) {
  const Vec inwards = -kDepth * unit(cross(to - from, kUp));
  if (!site.stage.sees(mix(from, to, 0.5) + 5 * kUp, 24)) return;
  const House house = house_of(site, index, length(to - from));
  site.stage.enter(Body::still({}, house.key, 0.4F));
  add_house(site, house, {from, to, to + inwards, from + inwards}, false, false);
}

/// The houses that close a crossing street on one side: two more on either hand, and one across its end.
void add_side_street(Site& site, int64_t k, double side) {
  const double middle = site.layout.junction(k);
  const auto corner = [&](double along, double left) { return site.road.at({middle + along, side * left}); };
  const int64_t first = sided(k * 12 + 7, side);
  const double near = kHouseLine + kDepth, half = 38, far = kSideEnd;
  for (const double hand : {-1.0, 1.0}) {
    const double line = hand * kSideHouseLine;
    const int64_t index = first + (hand > 0 ? 4 : 0);
    const bool goes_out = (hand > 0) == (side > 0);  // so that fronts face the street
    const auto row = [&](int64_t i, double a, double b) {
      if (goes_out) add_far_house(site, i, corner(line, a), corner(line, b));
      if (!goes_out) add_far_house(site, i, corner(line, b), corner(line, a));
    };
    row(index, near, half);
    row(index + 2, half, far);
  }
  if (side > 0) add_far_house(site, first + 8, corner(-13, far), corner(13, far));
  if (side < 0) add_far_house(site, first + 8, corner(13, far), corner(-13, far));
}

/// A lawn behind a hedge; beyond it stand houses of another street. Its trees are with the other trees.
void add_park(Site& site, int64_t block, double side) {
  const double from = site.layout.block_from(block), to = site.layout.block_to(block);
  Skin leaves;
  leaves.material = Material::Hedge;
  leaves.label = Label::Vegetation;
  leaves.main = 0.8F * site.look.leaves[1];
  leaves.seed = static_cast<uint32_t>(block);
  const int32_t skin = site.stage.skin(leaves);
  site.stage.enter(Body::still({}, key_of(Matter::Block, block, side > 0 ? 1 : 0), 0.7F));
  const auto pieces = static_cast<int>((to - from) / 6);
  for (int i = 0; i < pieces; ++i) {
    const double a = from + (to - from) * i / pieces, b = from + (to - from) * (i + 1) / pieces,
                 line = side * (kHouseLine + 0.2);
    Vec near = site.road.at({side > 0 ? a : b, line}), far = site.road.at({side > 0 ? b : a, line});
    site.stage.wall(near, far, 1.05, skin);
    const Vec deep = -0.7 * unit(cross(far - near, kUp));
    site.stage.rectangle(near + 1.05 * kUp, far - near, deep, skin);
  }
  for (int64_t i = 0; i < 3; ++i) {
    const double a = from - 12 + (to - from + 24) * static_cast<double>(i) / 3, b = a + (to - from + 24) / 3;
    const Vec near = site.road.at({side > 0 ? a : b, side * 46}), far = site.road.at({side > 0 ? b : a, side * 46});
    add_far_house(site, sided(block * 12 + i, side), near, far);
  }
}

}  // namespace

void add_houses(Site& site) {
  const Layout& layout = site.layout;
  const int64_t first = layout.block_at(site.from() - 60), last = layout.block_at(site.to());
  for (int64_t block = first; block <= last; ++block) {
    site.ground.add_junction(layout.junction(block));
    for (const double side : {1.0, -1.0}) {
      if (layout.junction(block) > site.from() - 10) add_side_street(site, block, side);
      if (layout.has_park(block, side)) {
        add_park(site, block, side);
        continue;
      }
      const std::vector<Lot> lots = layout.lots(block, side);
      for (const Lot& lot : lots) add_lot(site, lot, &lot == &lots.front(), &lot == &lots.back());
    }
  }
}

}  // namespace weft::world
