#include "plugins/world/ground.h"

#include "plugins/world/texture.h"

#include <algorithm>

namespace weft::world {

Ground::Ground(const Road& road, double along, const Vec& to_sun)
    : anchor_along_(kAnchorGrid * std::floor(along / kAnchorGrid)),
      anchor_(road.at({anchor_along_, 0})),
      to_sun_(to_sun) {
  anchor_.x = anchor_along_;
  rows_.resize(static_cast<size_t>((kBehind + kAhead) / kStep) + 1);
  for (size_t i = 0; i < rows_.size(); ++i) {
    const double here = anchor_along_ - kBehind + kStep * static_cast<double>(i), heading = road.heading(here);
    rows_[i].y = static_cast<float>(road.at({here, 0}).y - anchor_.y);
    rows_[i].heading_x = static_cast<float>(std::cos(heading));
    rows_[i].heading_y = static_cast<float>(std::sin(heading));
  }
  marks_.resize(static_cast<size_t>((kBehind + kAhead) / kCell) + 1);
}

size_t Ground::row_of(double along) const {
  const double row = (along - anchor_along_ + kBehind) / kStep;
  return static_cast<size_t>(std::clamp(row, 0.0, static_cast<double>(rows_.size() - 1)));
}

void Ground::add_house(double from, double to, double height, double side) {
  for (size_t i = row_of(from + kStep); i <= row_of(to); ++i) {
    rows_[i].house_height[side > 0 ? 1 : 0] = static_cast<float>(height);
  }
}

void Ground::add_junction(double along) {
  constexpr double kReach = 60;
  for (size_t i = row_of(along - kReach); i <= row_of(along + kReach); ++i) {
    const double here = anchor_along_ - kBehind + kStep * static_cast<double>(i);
    const auto distance = static_cast<float>(here - along);
    if (std::abs(distance) < std::abs(rows_[i].junction)) rows_[i].junction = distance;
  }
}

void Ground::add_mark(const Mark& mark) {
  FastMark fast = {mark.kind,
                   mark.is_round,
                   static_cast<float>(mark.centre.x - anchor_.x),
                   static_cast<float>(mark.centre.y - anchor_.y),
                   static_cast<float>(std::cos(mark.heading)),
                   static_cast<float>(std::sin(mark.heading)),
                   static_cast<float>(mark.length / 2),
                   static_cast<float>(mark.width / 2),
                   static_cast<float>(mark.soft),
                   mark.strength,
                   static_cast<float>(std::hypot(mark.length, mark.width) / 2 + mark.soft)};
  const auto cell = [&](double x) {
    return static_cast<size_t>(std::clamp((x + kBehind) / kCell, 0.0, static_cast<double>(marks_.size() - 1)));
  };
  for (size_t i = cell(fast.x - fast.radius - 0.5); i <= cell(fast.x + fast.radius + 0.5); ++i)
    marks_[i].push_back(fast);
}

Ground::Row Ground::at(float along) const {
  const float place = std::clamp((along + static_cast<float>(kBehind)) * static_cast<float>(1 / kStep), 0.0F,
                                 static_cast<float>(rows_.size()) - 1.001F);
  const auto i = static_cast<size_t>(place);
  const float share = place - static_cast<float>(i);
  const Row &low = rows_[i], &high = rows_[i + 1];
  Row row;
  row.y = between(low.y, high.y, share);
  row.heading_x = between(low.heading_x, high.heading_x, share);
  row.heading_y = between(low.heading_y, high.heading_y, share);
  row.junction = low.junction + share * static_cast<float>(kStep);
  return row;
}

GroundPoint Ground::locate(float x, float y) const {
  Row row = at(x);
  float along = x + (y - row.y) * row.heading_x * row.heading_y;
  row = at(along);
  const float ahead = (x - along) * row.heading_x + (y - row.y) * row.heading_y;
  along += ahead * row.heading_x;
  row = at(along);
  const float left = (y - row.y) * row.heading_x - (x - along) * row.heading_y;
  return {along, left, row.heading_x, row.heading_y, row.junction};
}

float Ground::over_houses(float along, size_t side, float height, float soft) const {
  const float place = std::clamp((along + static_cast<float>(kBehind)) * static_cast<float>(1 / kStep), 0.0F,
                                 static_cast<float>(rows_.size()) - 1.001F);
  const auto i = static_cast<size_t>(place);
  const auto passes = [&](const Row& row) {
    return std::clamp(0.5F + (height - row.house_height[side]) / (2 * soft), 0.0F, 1.0F);
  };
  return between(passes(rows_[i]), passes(rows_[i + 1]), place - static_cast<float>(i));
}

float Ground::sun_at(const GroundPoint& point, float height, float reach) const {
  const auto sun_x = static_cast<float>(to_sun_.x), sun_y = static_cast<float>(to_sun_.y);
  const float along = sun_x * point.heading_x + sun_y * point.heading_y;
  const float across = sun_y * point.heading_x - sun_x * point.heading_y;
  if (std::abs(across) < 0.02F) return 1;
  const float side = across > 0 ? 1.0F : -1.0F;
  const float travel = (side * static_cast<float>(kHouseLine) - point.left) / across;
  // Beyond the houses on the side of the sun, in a side street: their walls are near.
  if (travel <= 0) return 0.25F;
  const float needed = height + travel * static_cast<float>(to_sun_.z);
  constexpr float kTallest = 30;
  if (needed > kTallest) return 1;
  const float soft = 0.25F + 0.02F * travel + 0.5F * reach, centre = point.along + travel * along;
  // The sun is a disc, and a pixel has a size: four rays, from places a little apart.
  float sum = 0;
  for (int ray = 0; ray < 4; ++ray) {
    const float beside = (static_cast<float>(ray) - 1.5F) * 0.6F * (soft + 0.5F * reach);
    sum += over_houses(centre + beside, across > 0 ? 1 : 0, needed, soft);
  }
  return 0.25F * sum;
}

float Ground::sun_at(const Spot& spot, double height, double reach) const {
  const Row row = at(static_cast<float>(spot.along - anchor_along_));
  return sun_at({static_cast<float>(spot.along - anchor_along_), static_cast<float>(spot.left), row.heading_x,
                 row.heading_y, row.junction},
                static_cast<float>(height), static_cast<float>(reach));
}

void Ground::darken(const FastMark& mark, float x, float y, float reach, GroundLight& light) const {
  const float dx = x - mark.x, dy = y - mark.y;
  if (std::abs(dy) > mark.radius || std::abs(dx) > mark.radius) return;
  const float ahead = std::abs(dx * mark.heading_x + dy * mark.heading_y);
  const float aside = std::abs(dy * mark.heading_x - dx * mark.heading_y);
  const float soft = mark.soft + reach;
  float covered = 0;
  if (mark.is_round) {
    const float distance = std::sqrt(ahead * ahead / (mark.half_length * mark.half_length) +
                                     aside * aside / (mark.half_width * mark.half_width));
    covered = std::clamp((1 - distance) * mark.half_width / soft, 0.0F, 1.0F);
  } else {
    covered = std::clamp(0.5F + (mark.half_length - ahead) / soft, 0.0F, 1.0F) *
              std::clamp(0.5F + (mark.half_width - aside) / soft, 0.0F, 1.0F);
  }
  covered *= mark.strength;
  if (mark.kind == Mark::Kind::Shadow) light.sunlit *= 1 - covered;
  if (mark.kind == Mark::Kind::Contact) light.open *= 1 - covered;
  if (mark.kind == Mark::Kind::Lamp) light.lamp += covered * covered;
}

GroundLight Ground::light_at(float x, float y, const GroundPoint& point, float reach) const {
  GroundLight light;
  light.sunlit = sun_at(point, 0, reach);
  const float place = (x + static_cast<float>(kBehind)) * static_cast<float>(1 / kCell);
  if (place < 0 || place >= static_cast<float>(marks_.size())) return light;
  for (const FastMark& mark : marks_[static_cast<size_t>(place)]) darken(mark, x, y, reach, light);
  return light;
}

}  // namespace weft::world
