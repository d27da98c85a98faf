#include "plugins/world/site.h"

namespace weft::world {
namespace {

constexpr double kTreeSpacing = 9.2;

struct Tree {
  double trunk = 2.4;   ///< metres to the crown
  double radius = 1.7;  ///< of the crown
  double height = 1.2;  ///< of the crown, as a multiple of its width
  Colour leaves;
  uint32_t key = 0;
};

Skin leaf_skin(const Tree& tree, float shade) {
  Skin skin;
  skin.material = Material::Foliage;
  skin.label = Label::Vegetation;
  skin.main = shade * tree.leaves;
  skin.seed = tree.key;
  return skin;
}

Skin bark_skin() {
  Skin skin;
  skin.material = Material::Round;
  skin.label = Label::Vegetation;
  skin.main = {0.09F, 0.065F, 0.045F};
  return skin;
}

/// A crown of balls: a large one in the middle, smaller ones around it in golden angles.
void add_crown(Stage& stage, const Tree& tree, const Vec& middle) {
  constexpr int kBalls = 17;
  stage.ball(middle, 0.84 * tree.radius, stage.skin(leaf_skin(tree, 0.85F)));
  for (int i = 0; i < kBalls; ++i) {
    const double up = 1 - 2 * (i + 0.5) / kBalls, turn = 2.39996 * i + 0.001 * (tree.key % 6283);
    const double level = std::sqrt(1 - up * up), far = 0.68 * tree.radius;
    const Vec out = {level * std::cos(turn), level * std::sin(turn), up};
    Skin skin = leaf_skin(tree, 0.92F + 0.05F * static_cast<float>(tree.key >> (i & 7) & 3));
    skin.outwards_sun = static_cast<float>(dot(out, stage.view().to_sun));
    skin.outwards_up = static_cast<float>(up);
    const double size = tree.radius * (0.32 + 0.16 * ((tree.key >> (i & 15) & 3) / 3.0));
    stage.ball(middle + far * Vec{out.x, out.y, out.z * tree.height}, size, stage.skin(skin));
  }
}

/// The light that a sunlit ball takes from the ground beside it.
void add_shadow(Site& site, const Vec& foot, double height, double radius, float seen) {
  const Vec& sun = site.stage.view().to_sun;
  Mark shadow;
  const double far = height / std::max(sun.z, 0.15);
  shadow.is_round = true;
  shadow.centre = foot - Vec{far * sun.x, far * sun.y, 0};
  shadow.heading = std::atan2(sun.y, sun.x);
  shadow.width = 2.1 * radius;
  shadow.length = 2.1 * radius / std::max(sun.z, 0.3);
  shadow.soft = 0.5;
  shadow.strength = 0.8F * seen;
  site.ground.add_mark(shadow);
  Mark contact;
  contact.kind = Mark::Kind::Contact;
  contact.is_round = true;
  contact.centre = foot;
  contact.length = contact.width = 2.6 * radius;
  contact.soft = 1.3 * radius;
  contact.strength = 0.3F * seen;
  site.ground.add_mark(contact);
}

void add_tree(Site& site, const Tree& tree, const Spot& spot, double height) {
  const Vec foot = site.road.at(spot, height);
  const Vec middle = foot + (tree.trunk + tree.radius * 0.8) * kUp;
  const double away = length(foot - site.stage.view().now.pose.origin);
  if (away < 150) add_shadow(site, foot, tree.trunk + tree.radius * 0.8, tree.radius, fade(away, 150));
  if (!site.stage.sees(middle, 1.5 * tree.radius)) return;
  site.stage.enter(Body::still({}, tree.key, site.ground.sun_at(spot, tree.trunk + tree.radius)));
  site.stage.rod(foot, middle, 0.14, 0.08, site.stage.skin(bark_skin()), Stage::Ends::Flat);
  add_crown(site.stage, tree, middle);
}

Tree tree_of(const Site& site, int64_t index, int64_t part) {
  Chance chance(site.layout.seed(), Matter::Tree, index, part);
  Tree tree;
  tree.trunk = chance.between(2.3, 2.9);
  tree.radius = chance.between(1.35, 1.95);
  tree.height = chance.between(1.0, 1.35);
  const auto tint = static_cast<float>(chance.between(0.88, 1.08));
  tree.leaves = tint * site.look.leaves[chance.pick(site.look.leaves.size())];
  tree.key = key_of(Matter::Tree, index, part);
  return tree;
}

/// Trees at the border of the pavement, where lamps and crossing streets leave room.
void add_street_trees(Site& site) {
  const auto first = static_cast<int64_t>(std::floor(site.from() / kTreeSpacing)),
             last = static_cast<int64_t>(site.to() / kTreeSpacing);
  for (int64_t i = first; i <= last; ++i) {
    for (const double side : {1.0, -1.0}) {
      Chance chance(site.layout.seed(), Matter::Tree, sided(i, side), 1);
      const double along = kTreeSpacing * static_cast<double>(i) + chance.between(-0.8, 0.8);
      const int64_t block = site.layout.block_at(along);
      const double from = site.layout.junction(block) + 12, to = site.layout.junction(block + 1) - 12;
      if (along < from || along > to || !site.layout.has_trees(block, side) || !chance.happens(0.85)) continue;
      add_tree(site, tree_of(site, sided(i, side), 0), {along, side * 6.35}, kKerbHeight);
    }
  }
}

/// Larger trees in two loose rows behind the hedge.
void add_park_trees(Site& site, int64_t block, double side) {
  const double from = site.layout.block_from(block), to = site.layout.block_to(block);
  const auto count = static_cast<int64_t>((to - from) / 5.5);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = sided(block * 64 + i, side);
    Chance chance(site.layout.seed(), Matter::Tree, index, 2);
    Tree tree = tree_of(site, index, 3);
    tree.radius *= chance.between(1.15, 1.7);
    const double along =
        from + (to - from) * (static_cast<double>(i) + chance.between(0.2, 0.8)) / static_cast<double>(count);
    add_tree(site, tree, {along, side * ((i % 2) == 0 ? chance.between(12.5, 17) : chance.between(20, 32))},
             kKerbHeight);
  }
}

}  // namespace

void add_trees(Site& site) {
  add_street_trees(site);
  const int64_t first = site.layout.block_at(site.from()), last = site.layout.block_at(site.to());
  for (int64_t block = first; block <= last; ++block) {
    for (const double side : {1.0, -1.0}) {
      if (site.layout.has_park(block, side)) add_park_trees(site, block, side);
    }
  }
}

}  // namespace weft::world
