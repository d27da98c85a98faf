#include "plugins/world/site.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kStep = 4;  // metres; so short that a curve looks like one

/// Lays ground between corners of the street, and the stones at its border.
class Paver {
 public:
  explicit Paver(Site& site) : site_(site) {
    skin_[0] = skin(Material::Road, Label::Road, {});
    skin_[1] = skin(Material::Paving, Label::Pavement, {});
    skin_[2] = skin(Material::Lawn, Label::Terrain, {});
    stone_ = skin(Material::Plain, Label::Pavement,
                  mix(0.85F * site.look.paving, {0.8F, 0.83F, 0.87F}, 0.5F * site.look.snow));
  }

  /// The number that identifies the next part in all frames.
  void begin(int64_t number) { site_.stage.enter(Body::still({}, key_of(Matter::Road, number))); }

  enum Ground : size_t { Road, Paving, Lawn };

  /// The ground between four spots, in order.
  void lay(Ground ground, const std::array<Spot, 4>& corners, double height) {
    std::array<Point, 4> outline;
    const Vec& anchor = site_.ground.anchor();
    for (size_t i = 0; i < 4; ++i) {
      const Vec corner = site_.road.at(corners[i]);
      outline[i] = {corner.x - anchor.x, corner.y - anchor.y};
    }
    site_.stage.polygon(patch(height), outline, skin_[ground]);
  }

  void lay_everywhere(Ground ground) {
    constexpr double kBack = -90, kFar = 470, kAside = 220;  // beyond what can be seen
    const std::array<Point, 4> outline = {{{kBack, -kAside}, {kFar, -kAside}, {kFar, kAside}, {kBack, kAside}}};
    site_.stage.polygon(patch(0), outline, skin_[ground]);
  }

  /// The step from the road up to the pavement.
  void lay_stone(const Spot& from, const Spot& to) {
    site_.stage.wall(site_.road.at(from), site_.road.at(to), kKerbHeight, stone_);
  }

 private:
  Patch patch(double height) const { return {site_.ground.anchor() + height * kUp, {1, 0, 0}, {0, 1, 0}}; }

  int32_t skin(Material material, Label label, const Colour& colour) {
    Skin skin;
    skin.material = material;
    skin.label = label;
    skin.main = colour;
    return site_.stage.skin(skin);
  }

  Site& site_;
  std::array<int32_t, 3> skin_;
  int32_t stone_;
};

/// Calls `piece(from, to)` for pieces of at most `step` metres.
template <typename Piece>
void in_pieces(double from, double to, double step, const Piece& piece) {
  const int count = std::max(static_cast<int>(std::ceil((to - from) / step)), 1);
  for (int i = 0; i < count; ++i) piece(from + (to - from) * i / count, from + (to - from) * (i + 1) / count);
}

/// Along the main street, between two crossing ones.
void pave_block(Site& site, Paver& paver, int64_t block, double side) {
  const double kerb = side * kKerb, line = side * (kHouseLine + 0.3), deep = side * 60;
  const double from = site.layout.junction(block) + kSideKerb, to = site.layout.junction(block + 1) - kSideKerb;
  in_pieces(from, to, kStep, [&](double a, double b) {
    paver.lay(Paver::Paving, {{{a, kerb}, {b, kerb}, {b, line}, {a, line}}}, kKerbHeight);
    // It faces the road.
    if (side > 0) paver.lay_stone({a, kerb}, {b, kerb});
    if (side < 0) paver.lay_stone({b, kerb}, {a, kerb});
  });
  if (!site.layout.has_park(block, side)) return;
  in_pieces(site.layout.block_from(block), site.layout.block_to(block), 2 * kStep, [&](double a, double b) {
    paver.lay(Paver::Lawn, {{{a, line}, {b, line}, {b, deep}, {a, deep}}}, kKerbHeight);
  });
}

/// Along a crossing street.
void pave_side_street(Site& site, Paver& paver, int64_t k, double side) {
  const double middle = site.layout.junction(k);
  for (const double hand : {-1.0, 1.0}) {
    const double near = middle + hand * kSideKerb, far = middle + hand * (kSideHouseLine + 0.3);
    in_pieces(kHouseLine, kSideEnd, 12, [&](double a, double b) {
      paver.lay(Paver::Paving, {{{near, side * a}, {far, side * a}, {far, side * b}, {near, side * b}}}, kKerbHeight);
    });
    const Spot begin = {near, side * kKerb}, end = {near, side * kSideEnd};
    if (hand * side > 0) paver.lay_stone(end, begin);
    if (hand * side < 0) paver.lay_stone(begin, end);
  }
}

}  // namespace

void add_ground(Site& site) {
  Paver paver(site);
  paver.begin(-1);
  paver.lay_everywhere(Paver::Road);
  const Layout& layout = site.layout;
  const int64_t first = layout.block_at(site.from()), last = layout.block_at(site.to());
  for (int64_t block = first; block <= last; ++block) {
    for (const double side : {1.0, -1.0}) {
      paver.begin(sided(block, side));
      pave_block(site, paver, block, side);
      pave_side_street(site, paver, block, side);
    }
  }
}

}  // namespace weft::world
