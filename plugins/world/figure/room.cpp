#include "plugins/world/figure/room.h"

#include "plugins/world/figure/sitter.h"
#include "plugins/world/texture.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr float kSkirting = 0.11F;  // metres: the height of the board at the foot of the wall

/// The mean of `radius` neighbours on both sides, along one axis of a map.
void smooth(std::vector<float>& map, int count, int lines, int step, int line_step, int radius) {
  if (radius < 1) return;
  std::vector<float> line(static_cast<size_t>(count));
  for (int l = 0; l < lines; ++l) {
    float* at = &map[static_cast<size_t>(l) * static_cast<size_t>(line_step)];
    for (int i = 0; i < count; ++i)
      line[static_cast<size_t>(i)] = at[static_cast<size_t>(i) * static_cast<size_t>(step)];
    const auto cell = [&](int i) { return line[static_cast<size_t>(std::clamp(i, 0, count - 1))]; };
    float sum = 0;
    for (int i = -radius; i <= radius; ++i) sum += cell(i);
    for (int i = 0; i < count; ++i) {
      at[static_cast<size_t>(i) * static_cast<size_t>(step)] = sum / static_cast<float>(2 * radius + 1);
      sum += cell(i + radius + 1) - cell(i - radius);
    }
  }
}

/// A place on a wall: metres, and half the pixel there.
struct WallPlace {
  float across, height, reach;
  uint32_t seed;
};

Colour panels(const WallPlace& at, const Colour& plain, const Colour& second) {
  const float x = at.across / 0.8F, period = at.reach / 0.8F;
  const float rim = std::max(pulses(x, period, 0, 0.03F), pulses(at.height / 1.1F + 0.1F, at.reach / 1.1F, 0, 0.02F));
  return mix(mix(plain, 0.55F * plain, rim), second, 0.5F * pulses(x, period, 0.12F, 0.91F));
}

Colour bricks(const WallPlace& at, const Colour& plain, const Colour& second) {
  const float row = at.height / 0.075F, x = at.across / 0.22F + (whole(row) % 2 == 0 ? 0 : 0.5F);
  const float mortar = std::max(pulses(row, at.reach / 0.075F, 0, 0.12F), pulses(x, at.reach / 0.22F, 0, 0.05F));
  const float tone = 0.22F * visible(at.reach, 0.2F) * (cell_number(whole(x), whole(row), at.seed) - 0.5F);
  return mix((1 + tone) * plain, second, mortar);
}

/// Light that falls through a window onto the wall.
Colour window_light(const WallPlace& at, const Colour& plain) {
  const float x = at.across - 0.3F * at.height, soft = at.reach + 0.04F;
  const float bars = pulses(x / 0.55F, at.reach / 0.55F + 0.01F, 0, 0.9F) *
                     pulses(at.height / 0.62F + 0.2F, at.reach / 0.62F + 0.01F, 0, 0.92F);
  const float pane = band(x, soft, -1.1F, 1.1F) * band(at.height, soft, 0.7F, 2.4F);
  return (1 + 0.45F * pane * bars) * plain;
}

/// Shelves with things of many colours.
Colour shelves(const WallPlace& at, const Colour& plain, const Colour& second) {
  const float row = at.height / 0.42F, column = at.across / 0.11F;
  const uint32_t bits = cell_bits(whole(column), whole(row), at.seed);
  const auto tone = [bits](int shift) { return 0.12F + 0.5F * static_cast<float>((bits >> shift) & 0xFF) / 255; };
  const float up = row - static_cast<float>(whole(row));
  const float high = 0.35F + 0.5F * cell_number(whole(column), whole(row), at.seed + 3);
  const float seen = visible(at.reach, 0.11F) * (0.3F + 0.7F * visible(at.reach, 0.05F));
  const Colour thing = up < high ? Colour{tone(0), tone(8), tone(16)} : 0.35F * plain;
  return mix(mix(0.6F * plain, thing, seen), second, pulses(row, at.reach / 0.42F, 0, 0.09F));
}

}  // namespace

Room::Room(const Studio& studio, const Easel& easel, double wall_distance, double blur)
    : studio_(studio), easel_(easel), wall_distance_(wall_distance), blur_(blur) {
  const Lens& lens = easel.camera().lens;
  const Pose& pose = easel.camera().pose;
  const auto pixel = static_cast<float>(0.6 / lens.focal);
  for (int y = 0; y < lens.height; ++y) {
    for (int x = 0; x < lens.width; ++x) {
      Colour sum;
      float share = 0;
      constexpr std::array<std::pair<double, double>, 4> kPlaces = {
          {{-0.125, -0.375}, {0.375, -0.125}, {-0.375, 0.125}, {0.125, 0.375}}};
      for (const auto& [dx, dy] : kPlaces) {
        const double right = (x + dx - lens.middle_x) / lens.focal, down = (y + dy - lens.horizon) / lens.focal;
        bool is_floor = false;
        sum = sum + 0.25F * seen_along(pose.origin, pose.ahead - right * pose.left - down * pose.up, pixel, is_floor);
        share += is_floor ? 0.25F : 0;
      }
      light_.push_back(sum);
      floor_share_.push_back(share);
    }
  }
}

Colour Room::seen_along(const Vec& eye, const Vec& way, float pixel, bool& is_floor) const {
  const double to_wall = (wall_distance_ - eye.x) / std::max(way.x, 1e-6);
  const Vec at_wall = eye + to_wall * way;
  is_floor = at_wall.z < 0;
  const Vec lamp = to_lamp(studio_);
  if (!is_floor) {
    const auto reach = pixel * static_cast<float>(to_wall) + static_cast<float>(blur_);
    const auto across = static_cast<float>(at_wall.y), height = static_cast<float>(at_wall.z);
    // The lamp lights its own side more.
    const float side = 1 + 0.10F * across * (lamp.y > 0 ? 1.0F : -1.0F) - 0.04F * across * across;
    const float corner = 1 - 0.35F * std::exp(-height / 0.18F);
    const Colour fall = std::clamp(side, 0.4F, 1.3F) * (0.62F * studio_.key) + studio_.above;
    return (0.78F * corner) * (wall(across, height, reach) * fall);
  }
  const double to_floor = -eye.z / std::min(way.z, -1e-6);
  const Vec at = eye + to_floor * way;
  const auto reach = pixel * static_cast<float>(to_floor) * 2;
  const auto x = static_cast<float>(at.x), y = static_cast<float>(at.y);
  const float corner = 1 - 0.4F * std::exp(-static_cast<float>(wall_distance_ - at.x) / 0.25F);
  const Colour fall = static_cast<float>(lamp.z) * studio_.key + studio_.above;
  return (0.85F * corner) * (floor(x, y, reach) * fall);
}

Colour Room::wall(float across, float height, float reach) const {
  const uint32_t seed = studio_.seed;
  const float place = across + 0.37F * static_cast<float>(seed % 7);
  const float stain = 0.05F * visible(reach, 0.7F) * noise(across / 0.7F + 20, height / 0.7F, seed);
  const WallPlace spot = {place, height, reach, seed};
  const Colour plain = (1 + stain) * studio_.wall, &second = studio_.wall_second;
  const auto painted = [&] {
    switch (studio_.wall_pattern) {
      case Studio::Wall::Panels:
        return panels(spot, plain, second);
      case Studio::Wall::Bricks:
        return bricks(spot, plain, second);
      case Studio::Wall::Window:
        return window_light(spot, plain);
      case Studio::Wall::Stripes:
        return mix(plain, second, pulses(place / 0.36F, reach / 0.36F, 0, 0.5F));
      case Studio::Wall::Shelves:
        return shelves(spot, plain, second);
      case Studio::Wall::Plain:
        break;
    }
    return plain;
  };
  // A board at the foot of the wall, where it is in focus.
  const float board = blur_ > 0 ? 0 : above(kSkirting, reach, height);
  return mix(painted(), 0.8F * second, board);
}

Colour Room::floor(float ahead, float across, float reach) const {
  const uint32_t seed = studio_.seed + 5;
  Colour colour = studio_.floor;
  if (studio_.floor_pattern == Studio::Floor::Boards) {
    const float column = across / 0.14F;
    const float shift = 1.3F * cell_number(whole(column), 0, seed), row = (ahead + shift) / 1.3F;
    const float tone = 0.28F * visible(reach, 0.25F) * (cell_number(whole(column), whole(row), seed) - 0.5F);
    const float grain = 0.10F * visible(reach, 0.03F) * noise(across / 0.015F, ahead / 0.3F, seed);
    const float gap = std::max(pulses(column, reach / 0.14F, 0, 0.04F), pulses(row, reach / 1.3F, 0, 0.006F));
    return (1 - 0.5F * gap) * ((1 + tone + grain) * colour);
  }
  if (studio_.floor_pattern == Studio::Floor::Tiles) {
    const float x = ahead / 0.4F, y = across / 0.4F;
    const float light = pulses(0.5F * x, 0.5F * reach / 0.4F, 0, 0.5F),
                dark = pulses(0.5F * y, 0.5F * reach / 0.4F, 0, 0.5F);
    return mix(colour, studio_.floor_second, light + dark - 2 * light * dark);
  }
  const float grain = 0.08F * visible(reach, 0.1F) * noise(ahead / 0.1F, across / 0.1F, seed);
  return (1 + grain) * colour;
}

std::vector<float> Room::shadow(const Mesh& mesh, const std::vector<Vec>& points) const {
  const Lens& lens = easel_.camera().lens;
  const Vec lamp = to_lamp(studio_);
  std::vector<Dot> dots;
  dots.reserve(points.size());
  for (const Vec& point : points) {
    const double way = std::max(point.z, 0.0) / lamp.z;
    Dot dot = easel_.dot({point.x - way * lamp.x, point.y - way * lamp.y, 0});
    dot.x *= 0.5F, dot.y *= 0.5F;
    dots.push_back(dot);
  }
  const int width = (lens.width + 1) / 2, height = (lens.height + 1) / 2;
  Coverage coverage(width, height);
  coverage.begin(0);
  for (const Triangle& triangle : mesh.triangles()) {
    const auto dot = [&](size_t corner) { return dots[static_cast<size_t>(triangle.corners[corner])]; };
    coverage.draw({dot(0), dot(1), dot(2)}, 0, 1);
  }
  std::vector<float> map;
  map.reserve(static_cast<size_t>(width) * static_cast<size_t>(height));
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) map.push_back(*coverage.at(x, y) < 0 ? 0.0F : 1.0F);
  }
  const int wide = std::max(1, height / 64), flat = std::max(1, height / 128);
  for (int pass = 0; pass < 2; ++pass) {
    smooth(map, width, height, 1, width, wide);
    smooth(map, height, width, width, 1, flat);
  }
  return map;
}

std::vector<Colour> Room::with_shadow(const Mesh& mesh, const std::vector<Vec>& points) const {
  const std::vector<float> map = shadow(mesh, points);
  const Lens& lens = easel_.camera().lens;
  const int width = (lens.width + 1) / 2, height = (lens.height + 1) / 2;
  std::vector<Colour> light = light_;
  size_t pixel = 0;
  for (int y = 0; y < lens.height; ++y) {
    for (int x = 0; x < lens.width; ++x, ++pixel) {
      if (floor_share_[pixel] <= 0) continue;
      const float px = std::clamp(0.5F * static_cast<float>(x), 0.0F, static_cast<float>(width) - 1.001F);
      const float py = std::clamp(0.5F * static_cast<float>(y), 0.0F, static_cast<float>(height) - 1.001F);
      const auto at = static_cast<size_t>(py) * static_cast<size_t>(width) + static_cast<size_t>(px);
      const float right = px - std::floor(px), down = py - std::floor(py);
      const float share =
          between(between(map[at], map[at + 1], right),
                  between(map[at + static_cast<size_t>(width)], map[at + static_cast<size_t>(width) + 1], right), down);
      light[pixel] = (1 - 0.62F * floor_share_[pixel] * share) * light[pixel];
    }
  }
  return light;
}

}  // namespace weft::world
