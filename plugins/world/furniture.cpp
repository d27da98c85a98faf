#include "plugins/world/lamps.h"
#include "plugins/world/site.h"

namespace weft::world {
namespace {

Skin plain(Label label, Material material, const Colour& colour) {
  Skin skin;
  skin.material = material;
  skin.label = label;
  skin.main = colour;
  return skin;
}

constexpr Colour kSteel = {0.11F, 0.12F, 0.13F};

/// The street's light: a pole at the kerb with an arm over the road.
void add_lamp(Site& site, int64_t index, double along, double side) {
  const Spot spot = {along, side * 5.85};
  const Pose pose = site.road.pose(spot);
  const Vec head = {0, -side * 1.75, 6.0};
  Mark pool;
  pool.kind = Mark::Kind::Lamp;
  pool.is_round = true;
  pool.centre = pose.at({0, -side * 1.9, 0});
  pool.length = pool.width = 17;
  pool.soft = 8.5;
  if (site.look.lamps > 0) site.ground.add_mark(pool);
  if (!site.stage.sees(pose.at({0, 0, 3}), 4.5)) return;
  Stage& stage = site.stage;
  stage.enter(Body::still(pose, key_of(Matter::Furniture, index), site.ground.sun_at(spot, 3)));
  const int32_t steel = stage.skin(plain(Label::Pole, Material::Round, kSteel));
  Skin light = plain(Label::Pole, Material::Light, {0.7F, 0.7F, 0.66F});
  light.accent = {1.0F, 0.86F, 0.6F};
  light.glow = 1.3F * site.look.lamps;
  stage.rod({0, 0, kKerbHeight}, {0, 0, 5.7}, 0.085, 0.06, steel, Stage::Ends::Flat);
  stage.rod({0, 0, 5.65}, {0, -side * 1.3, 6.0}, 0.055, 0.05, steel, Stage::Ends::Flat);
  stage.rod({0, -side * 1.2, 6.02}, head, 0.12, 0.12, steel);
  stage.rod({0, -side * 1.25, 5.93}, {0, -side * 1.72, 5.93}, 0.1, 0.1, stage.skin(light));
}

/// A sign on a pole that faces those who drive on its side of the street.
void add_sign(Site& site, int64_t index, const Spot& spot, size_t kind) {
  const double towards = spot.left < 0 ? kPi : 0;
  const Pose pose = site.road.pose(spot, towards);
  if (!site.stage.sees(pose.at({0, 0, 1.5}), 2)) return;
  Stage& stage = site.stage;
  stage.enter(Body::still(pose, key_of(Matter::Furniture, index, 1), site.ground.sun_at(spot, 2)));
  const int32_t steel = stage.skin(plain(Label::Pole, Material::Round, {0.3F, 0.31F, 0.32F}));
  stage.rod({0, 0, kKerbHeight}, {0, 0, 2.75}, 0.035, 0.035, steel, Stage::Ends::Flat);
  struct Face {
    Colour main, trim, accent;
  };
  static constexpr std::array<Face, 4> kFaces = {{{{0.8F, 0.8F, 0.78F}, {0.6F, 0.02F, 0.02F}, {0.05F, 0.05F, 0.05F}},
                                                  {{0.02F, 0.12F, 0.5F}, {0.02F, 0.12F, 0.5F}, {0.85F, 0.85F, 0.85F}},
                                                  {{0.62F, 0.02F, 0.02F}, {0.62F, 0.02F, 0.02F}, {0.85F, 0.85F, 0.82F}},
                                                  {{0.85F, 0.62F, 0.05F}, {0.8F, 0.8F, 0.78F}, {0.85F, 0.62F, 0.05F}}}};
  const Face& face = kFaces[kind % kFaces.size()];
  Skin front = plain(Label::TrafficSign, Material::Sign, face.main);
  front.trim = face.trim, front.accent = face.accent;
  const int32_t back = stage.skin(plain(Label::TrafficSign, Material::Plain, {0.25F, 0.26F, 0.27F}));
  constexpr std::array<Point, 8> kEight = {
      {{1, 0.41}, {0.41, 1}, {-0.41, 1}, {-1, 0.41}, {-1, -0.41}, {-0.41, -1}, {0.41, -1}, {1, -0.41}}};
  constexpr double kSize = 0.34;
  std::array<Point, 8> outline;
  for (size_t i = 0; i < 8; ++i) outline[i] = {kSize * kEight[i].along, kSize * kEight[i].across};
  const std::array<float, 3> extent = {0, kSize * 1.02F, 0};
  stage.polygon({{0.05, 0, 2.45}, {0, 1, 0}, {0, 0, 1}}, outline, stage.skin(front), extent);
  stage.polygon({{0.04, 0, 2.45}, {0, -1, 0}, {0, 0, 1}}, outline, back, extent);
}

/// Three lamps in a box on a pole; green is on.
void add_traffic_light(Site& site, int64_t index, const Spot& spot) {
  const Pose pose = site.road.pose(spot, spot.left < 0 ? kPi : 0);
  if (!site.stage.sees(pose.at({0, 0, 2}), 2.5)) return;
  Stage& stage = site.stage;
  stage.enter(Body::still(pose, key_of(Matter::Furniture, index, 2), site.ground.sun_at(spot, 2.5)));
  const int32_t steel = stage.skin(plain(Label::Pole, Material::Round, kSteel));
  const int32_t box = stage.skin(plain(Label::TrafficLight, Material::Plain, {0.035F, 0.04F, 0.04F}));
  stage.rod({0, 0, kKerbHeight}, {0, 0, 2.5}, 0.06, 0.06, steel, Stage::Ends::Flat);
  stage.box({-0.1, -0.17, 2.5}, {0.12, 0.17, 3.45}, box, box);
  static constexpr std::array<Colour, 3> kLamps = {
      {{0.03F, 0.9F, 0.35F}, {0.14F, 0.09F, 0.01F}, {0.16F, 0.012F, 0.01F}}};
  for (size_t i = 0; i < 3; ++i) {
    Skin lamp = plain(Label::TrafficLight, Material::Light, 0.4F * kLamps[i]);
    lamp.accent = kLamps[i];
    lamp.glow = i == 0 ? 0.9F : 0;
    constexpr std::array<Point, 8> kEight = {{{0.11, 0.045},
                                              {0.045, 0.11},
                                              {-0.045, 0.11},
                                              {-0.11, 0.045},
                                              {-0.11, -0.045},
                                              {-0.045, -0.11},
                                              {0.045, -0.11},
                                              {0.11, -0.045}}};
    stage.polygon({{0.13, 0, 2.66 + 0.31 * static_cast<double>(i)}, {0, 1, 0}, {0, 0, 1}}, kEight, stage.skin(lamp));
  }
}

}  // namespace

void add_furniture(Site& site) {
  const Layout& layout = site.layout;
  const auto first = static_cast<int64_t>(std::floor(site.from() / kLampSpacing)),
             last = static_cast<int64_t>(site.to() / kLampSpacing);
  for (int64_t i = first; i <= last; ++i) {
    if (!stands(layout, i)) continue;
    const double along = lamp_along(i);
    add_lamp(site, i, along, lamp_side(i));
    Chance chance(layout.seed(), Matter::Furniture, i);
    if (chance.happens(0.4)) add_sign(site, i, {along + 8, chance.sign() * 5.8}, chance.pick(4));
  }
  for (int64_t k = layout.block_at(site.from()); k <= layout.block_at(site.to()) + 1; ++k) {
    add_traffic_light(site, 2 * k, {layout.junction(k) - 8.6, -5.8});
    add_traffic_light(site, 2 * k + 1, {layout.junction(k) + 8.6, 5.8});
  }
}

}  // namespace weft::world
