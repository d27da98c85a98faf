#include "plugins/world/figure/coverage.h"

#include "framework/base/processors.h"

#include <algorithm>
#include <cmath>
#include <tuple>

// One version for each generation of processors; all of them give the same numbers, since nothing is fused.
#define WEFT_EACH WEFT_FOR_EACH_PROCESSOR("avx2", "default")

namespace weft::world {
namespace {

constexpr std::array<float, kLooks> kX = {0, 0.1875F, -0.1875F, 0.3125F, -0.3125F, 0.4375F, -0.4375F, 0.0625F};
constexpr std::array<float, kLooks> kY = {0, -0.3125F, 0.3125F, 0.1875F, -0.1875F, -0.0625F, 0.0625F, 0.4375F};
constexpr float kReach = 0.4375F;

/// Neighbours overlap by so many pixels, so that rounding opens no gap between them.
constexpr float kOverlap = 0.004F;

/// x * `x` + y * `y` + `one`, and what its value changes by at each sample of a pixel.
struct Slope {
  float x = 0, y = 0, one = 0;
  std::array<float, kLooks> steps{};

  float at(float px, float py) const { return x * px + y * py + one; }
  void set_steps() {
    for (size_t i = 0; i < kLooks; ++i) steps[i] = x * kX[i] + y * kY[i];
  }
};

/// Inside of a triangle all three sides are at least 0: distances to them, in pixels.
struct Setup {
  std::array<Slope, 3> sides;
  Slope depth;
  float left, right, top, bottom;
};

/// @returns false where the triangle has no area
bool set_up(const std::array<Dot, 3>& corners, Setup& setup) {
  const auto& [a, b, c] = corners;
  const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
  if (!(std::abs(area) > 1e-9F)) return false;
  const float turn = area > 0 ? 1.0F : -1.0F;
  for (size_t i = 0; i < 3; ++i) {
    const Dot &from = corners[i], &to = corners[(i + 1) % 3];
    const float dx = to.x - from.x, dy = to.y - from.y, length = std::sqrt(dx * dx + dy * dy);
    const float scale = turn / std::max(length, 1e-6F);
    Slope& side = setup.sides[i];
    side.x = -dy * scale, side.y = dx * scale;
    side.one = -(side.x * from.x + side.y * from.y) + kOverlap;
    side.set_steps();
  }
  Slope& depth = setup.depth;
  const float db = b.inverse_depth - a.inverse_depth, dc = c.inverse_depth - a.inverse_depth;
  depth.x = (db * (c.y - a.y) - dc * (b.y - a.y)) / area;
  depth.y = (dc * (b.x - a.x) - db * (c.x - a.x)) / area;
  depth.one = a.inverse_depth - depth.x * a.x - depth.y * a.y;
  depth.set_steps();
  std::tie(setup.left, setup.right) = std::minmax({a.x, b.x, c.x});
  std::tie(setup.top, setup.bottom) = std::minmax({a.y, b.y, c.y});
  return true;
}

float least(float a, float b) {
  return a < b ? a : b;
}

/// Takes the samples of a pixel in which the triangle is nearer than the one before.
WEFT_EACH void cover_row(const Setup& setup, int32_t index, int first, int last, float y, float* inverse_depth,
                         int32_t* nearest) {
  const Setup own = setup;  // so that nothing that is written can change it
  for (int column = first; column <= last; ++column, inverse_depth += kLooks, nearest += kLooks) {
    const auto x = static_cast<float>(column);
    const float a = own.sides[0].at(x, y), b = own.sides[1].at(x, y), c = own.sides[2].at(x, y);
    if (least(least(a, b), c) < -0.66F) continue;
    const float depth = own.depth.at(x, y);
    std::array<float, kLooks> depths;
    std::array<int32_t, kLooks> indices;
    for (size_t i = 0; i < kLooks; ++i) {
      const float mine = depth + own.depth.steps[i], seen = inverse_depth[i];
      const float inside =
          least(least(a + own.sides[0].steps[i], b + own.sides[1].steps[i]), c + own.sides[2].steps[i]);
      const bool is_mine = (inside >= 0) & (mine > seen);
      depths[i] = is_mine ? mine : seen;
      indices[i] = is_mine ? index : nearest[i];
    }
    for (size_t i = 0; i < kLooks; ++i) inverse_depth[i] = depths[i];
    for (size_t i = 0; i < kLooks; ++i) nearest[i] = indices[i];
  }
}

}  // namespace

float look_x(size_t look) {
  return kX[look];
}

float look_y(size_t look) {
  return kY[look];
}

Coverage::Coverage(int width, int rows)
    : width_(width),
      rows_(rows),
      inverse_depth_(static_cast<size_t>(rows) * static_cast<size_t>(width) * kLooks),
      nearest_(inverse_depth_.size()) {}

void Coverage::begin(int top) {
  top_ = top;
  std::fill(inverse_depth_.begin(), inverse_depth_.end(), 0.0F);
  std::fill(nearest_.begin(), nearest_.end(), -1);
}

void Coverage::draw(const std::array<Dot, 3>& corners, int32_t index, size_t looks) {
  Setup setup;
  if (!set_up(corners, setup)) return;
  const float reach = looks > 1 ? kReach : 0;
  const auto low = [](float value, int least) { return std::max(static_cast<int>(std::ceil(value)), least); };
  const auto high = [](float value, int most) { return std::min(static_cast<int>(std::floor(value)), most); };
  const auto limit = [](float value) { return std::clamp(value, -1e6F, 1e6F); };
  const int first = low(limit(setup.left - reach), 0), last = high(limit(setup.right + reach), width_ - 1);
  const int top = low(limit(setup.top - reach), top_), bottom = high(limit(setup.bottom + reach), top_ + rows_ - 1);
  if (first > last) return;
  for (int y = top; y <= bottom; ++y) {
    const size_t at = offset(first, y);
    cover_row(setup, index, first, last, static_cast<float>(y), &inverse_depth_[at], &nearest_[at]);
  }
}

}  // namespace weft::world
