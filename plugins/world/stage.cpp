#include "plugins/world/stage.h"

#include "framework/base/seed.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr double kNearest = 0.15;  // metres before the lens; nearer surfaces are clipped

Patch seen_by(const Camera& camera, const Patch& patch) {
  return {camera.seen(patch.origin), camera.turned(patch.along), camera.turned(patch.across)};
}

Patch placed(const Pose& pose, const Patch& own) {
  return {pose.at(own.origin), pose.turned(own.along), pose.turned(own.across)};
}

/// The patch through `from` and `to` that faces the camera.
Patch facing(const Camera& camera, const Vec& from, const Vec& to) {
  const Vec axis = unit(to - from);
  const Vec towards = camera.pose.origin - mix(from, to, 0.5);
  return {from, axis, unit(cross(towards, axis))};
}

/// The upright-most patch through a point that faces the camera.
Patch facing(const Camera& camera, const Vec& centre) {
  const Vec towards = unit(camera.pose.origin - centre);
  const Vec along = unit(cross(camera.pose.up, towards));
  return {centre, along, cross(towards, along)};
}

struct Matrix {
  Vec rows[3];

  Vec operator*(const Vec& v) const { return {dot(rows[0], v), dot(rows[1], v), dot(rows[2], v)}; }
};

/// Takes the ray of a pixel to place and depth: (along, across, 1) / depth.
Matrix inverse(const Patch& seen, double volume) {
  const double factor = 1 / volume;
  return {{factor * cross(seen.across, seen.origin), factor * cross(seen.origin, seen.along),
           factor * cross(seen.along, seen.across)}};
}

/// A function of the ray (x, y, 1) as one of the pixel.
Linear of_pixel(const Vec& row, double focal) {
  return {static_cast<float>(row.x / focal), static_cast<float>(row.y / focal), static_cast<float>(row.z)};
}

/// The position of a pixel's surface in the previous frame, from `map`, which takes rays to the camera of that time.
void set_before(const Matrix& map, double focal, Surface& surface) {
  surface.before_x = of_pixel(focal * map.rows[0], focal);
  surface.before_y = of_pixel(focal * map.rows[1], focal);
  surface.before_z = of_pixel(map.rows[2], focal);
}

/// patch-of-before x inverse-of-now: the ray of a pixel to the point of before, up to the depth.
Matrix chained(const Patch& before, const Matrix& now) {
  const auto row = [&](double along, double across, double origin) {
    return along * now.rows[0] + across * now.rows[1] + origin * now.rows[2];
  };
  return {{row(before.along.x, before.across.x, before.origin.x), row(before.along.y, before.across.y, before.origin.y),
           row(before.along.z, before.across.z, before.origin.z)}};
}

constexpr Matrix kIdentity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

bool is_same(const Patch& a, const Patch& b) {
  return a.origin == b.origin && a.along == b.along && a.across == b.across;
}

void set_direction(const Vec& direction, const Patch& patch, float (&local)[3]) {
  local[0] = static_cast<float>(dot(direction, patch.along));
  local[1] = static_cast<float>(dot(direction, patch.across));
  local[2] = static_cast<float>(dot(direction, cross(patch.along, patch.across)));
}

}  // namespace

bool Stage::sees(const Vec& centre, double radius) const {
  const Camera& camera = view_.now;
  const Vec point = camera.seen(centre);
  if (point.z < -radius) return false;
  // How far the ball is outside the planes through the eye and the left and right border.
  const double side = (camera.lens.middle_x + 1) / camera.lens.focal, stretch = std::sqrt(1 + side * side);
  return (std::abs(point.x) - side * point.z) / stretch < radius;
}

int32_t Stage::skin(const Skin& skin) {
  skins_.push_back(skin);
  if (skins_.back().instance == 0) skins_.back().instance = static_cast<int32_t>(skin.label);
  return static_cast<int32_t>(skins_.size()) - 1;
}

const HouseStyle* Stage::style(const HouseStyle& style) {
  return &styles_.emplace_back(style);
}

void Stage::enter(const Body& body) {
  body_ = body;
  part_ = 0;
}

void Stage::polygon(const Patch& patch, std::span<const Point> outline, int32_t skin, std::array<float, 3> extent) {
  add({placed(body_.now, patch), placed(body_.before, patch)}, outline, skin, extent);
}

void Stage::rectangle(const Vec& corner, const Vec& along, const Vec& across, int32_t skin) {
  const double width = length(along), height = length(across);
  const std::array<Point, 4> outline = {{{0, 0}, {width, 0}, {width, height}, {0, height}}};
  polygon({corner, (1 / width) * along, (1 / height) * across}, outline, skin,
          {static_cast<float>(width), static_cast<float>(height), 0});
}

void Stage::wall(const Vec& from, const Vec& to, double height, int32_t skin) {
  rectangle(from, to - from, height * kUp, skin);
}

void Stage::box(const Vec& low, const Vec& high, int32_t sides, int32_t top) {
  const double height = high.z - low.z;
  wall({high.x, high.y, low.z}, {low.x, high.y, low.z}, height, sides);
  wall({low.x, low.y, low.z}, {high.x, low.y, low.z}, height, sides);
  wall({high.x, low.y, low.z}, {high.x, high.y, low.z}, height, sides);
  wall({low.x, high.y, low.z}, {low.x, low.y, low.z}, height, sides);
  rectangle({low.x, low.y, high.z}, {high.x - low.x, 0, 0}, {0, high.y - low.y, 0}, top);
}

void Stage::rod(const Vec& from, const Vec& to, double from_radius, double to_radius, int32_t skin, Ends ends) {
  const Pair patches = {facing(view_.now, body_.now.at(from), body_.now.at(to)),
                        facing(view_.before, body_.before.at(from), body_.before.at(to))};
  const double span = length(to - from), r = from_radius, q = to_radius;
  const std::array<float, 3> extent = {static_cast<float>(span), static_cast<float>(r), static_cast<float>(q)};
  if (ends == Ends::Flat) {
    add(patches, std::array<Point, 4>{{{0, -r}, {span, -q}, {span, q}, {0, r}}}, skin, extent);
    return;
  }
  constexpr double kDiagonal = 0.7071;
  const double d = kDiagonal * r, e = kDiagonal * q;
  const std::array<Point, 10> outline = {{{0, r},
                                          {-d, d},
                                          {-r, 0},
                                          {-d, -d},
                                          {0, -r},
                                          {span, -q},
                                          {span + e, -e},
                                          {span + q, 0},
                                          {span + e, e},
                                          {span, q}}};
  add(patches, outline, skin, extent);
}

void Stage::ball(const Vec& centre, double radius, int32_t skin) {
  static constexpr std::array<Point, 12> kCircle = {{{1, 0},
                                                     {0.866, 0.5},
                                                     {0.5, 0.866},
                                                     {0, 1},
                                                     {-0.5, 0.866},
                                                     {-0.866, 0.5},
                                                     {-1, 0},
                                                     {-0.866, -0.5},
                                                     {-0.5, -0.866},
                                                     {0, -1},
                                                     {0.5, -0.866},
                                                     {0.866, -0.5}}};
  std::array<Point, 12> outline;
  for (size_t i = 0; i < outline.size(); ++i) outline[i] = {radius * kCircle[i].along, radius * kCircle[i].across};
  const Pair patches = {facing(view_.now, body_.now.at(centre)), facing(view_.before, body_.before.at(centre))};
  add(patches, outline, skin, {0, static_cast<float>(radius), static_cast<float>(radius)});
}

void Stage::sky(int32_t skin) {
  const Lens& lens = view_.now.lens;
  Surface surface;
  surface.skin = skin;
  surface.key = 1;
  surface.inverse_depth = {0, 0, 1 / kSkyDepth};
  // Its points are directions: a ray of now, turned by how the camera has turned.
  Matrix turn = kIdentity;
  if (!(view_.now.pose == view_.before.pose)) {
    const Pose& pose = view_.now.pose;
    const Vec right = view_.before.turned(-pose.left), down = view_.before.turned(-pose.up),
              ahead = view_.before.turned(pose.ahead);
    turn = {{{right.x, down.x, ahead.x}, {right.y, down.y, ahead.y}, {right.z, down.z, ahead.z}}};
  }
  set_before(turn, lens.focal, surface);
  surface.top = -1;
  surface.bottom = static_cast<float>(lens.height);
  surface.first_edge = static_cast<int32_t>(edges_.size());
  surface.edges = 2;
  edges_.push_back({-1, surface.top, surface.bottom, 0});
  edges_.push_back({static_cast<float>(lens.width), surface.top, surface.bottom, 0});
  surfaces_.push_back(surface);
}

void Stage::add(const Pair& patches, std::span<const Point> outline, int32_t skin, const std::array<float, 3>& extent) {
  const uint32_t key = static_cast<uint32_t>(derive_seed(body_.key, part_++));
  const Patch seen = seen_by(view_.now, patches.now);
  const double volume = dot(cross(seen.along, seen.across), seen.origin);
  if (volume > -1e-6) return;  // it faces away
  Surface surface;
  if (!outline_on_picture(seen, outline, surface)) return;
  const double focal = view_.now.lens.focal;
  const Matrix to_place = inverse(seen, volume);
  surface.along = of_pixel(to_place.rows[0], focal);
  surface.across = of_pixel(to_place.rows[1], focal);
  surface.inverse_depth = of_pixel(to_place.rows[2], focal);
  const Patch before = seen_by(view_.before, patches.before);
  set_before(is_same(before, seen) ? kIdentity : chained(before, to_place), focal, surface);
  std::copy(extent.begin(), extent.end(), surface.extent);
  surface.key = key;
  surface.skin = skin;
  surface.sunlit = body_.sunlit;
  light(patches.now, surface);
  surfaces_.push_back(surface);
}

void Stage::add_edge(const Vec& a, const Vec& b) {
  const Vec& high = a.y < b.y ? a : b;
  const Vec& low = a.y < b.y ? b : a;
  if (high.y == low.y) return;
  // Surfaces far above the image are left out, so that numbers stay small enough for floats.
  const double slope = (low.x - high.x) / (low.y - high.y), top = std::max(high.y, -2.0);
  edges_.push_back({static_cast<float>(high.x + slope * (top - high.y)), static_cast<float>(top),
                    static_cast<float>(low.y), static_cast<float>(slope)});
}

bool Stage::outline_on_picture(const Patch& seen, std::span<const Point> outline, Surface& surface) {
  const Lens& lens = view_.now.lens;
  std::array<Vec, kMostCorners> corners;
  size_t count = 0;
  const auto corner = [&](size_t i) {
    const Point& point = outline[i % outline.size()];
    return seen.origin + point.along * seen.along + point.across * seen.across;
  };
  for (size_t i = 0; i < outline.size(); ++i) {
    const Vec from = corner(i), to = corner(i + 1);
    if (from.z >= kNearest) corners[count++] = from;
    if ((from.z >= kNearest) != (to.z >= kNearest)) {
      corners[count++] = mix(from, to, (kNearest - from.z) / (to.z - from.z));
    }
  }
  if (count < 3) return false;
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
  for (size_t i = 0; i < count; ++i) {
    Vec& point = corners[i];
    point = {lens.middle_x + lens.focal * point.x / point.z, lens.horizon + lens.focal * point.y / point.z, point.z};
    left = std::min(left, point.x), right = std::max(right, point.x);
    top = std::min(top, point.y), bottom = std::max(bottom, point.y);
  }
  if (right < -0.5 || left > lens.width - 0.5 || bottom < -0.5 || top > lens.height - 0.5) return false;
  surface.top = static_cast<float>(top);
  surface.bottom = static_cast<float>(bottom);
  surface.first_edge = static_cast<int32_t>(edges_.size());
  for (size_t i = 0; i < count; ++i) add_edge(corners[i], corners[(i + 1) % count]);
  surface.edges = static_cast<int32_t>(edges_.size()) - surface.first_edge;
  return surface.edges >= 2;
}

void Stage::light(const Patch& patch, Surface& surface) const {
  set_direction(view_.to_sun, patch, surface.sun);
  set_direction(kUp, patch, surface.up);
}

}  // namespace weft::world
