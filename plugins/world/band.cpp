#include "plugins/world/band.h"

#include "framework/base/processors.h"

#include <algorithm>
#include <cmath>
#include <limits>

// One version for each generation of processors; all of them give the same numbers, since nothing is fused.
#define WEFT_EACH WEFT_FOR_EACH_PROCESSOR("avx512f", "avx2", "default")

namespace weft::world {
namespace {

/// Takes the pixels in which the surface is nearer than the one drawn before.
WEFT_EACH void cover(float* inverse_depth, int32_t* nearest, int count, float begin, float step, int32_t index) {
  for (int i = 0; i < count; ++i) {
    const float mine = begin + static_cast<float>(i) * step;
    const bool is_nearer = mine > inverse_depth[i];
    inverse_depth[i] = is_nearer ? mine : inverse_depth[i];
    nearest[i] = is_nearer ? index : nearest[i];
  }
}

constexpr size_t kSlots = 12;  // the samples, filled up to whole vectors

struct Offsets {
  std::array<float, kSlots> x{}, y{};
};
constexpr Offsets kOffsets = [] {
  Offsets offsets;
  for (size_t i = 0; i < kSamples.size(); ++i) offsets.x[i] = kSamples[i].x, offsets.y[i] = kSamples[i].y;
  return offsets;
}();

/// What the lines of the samples in one row of pixels cut out of a convex outline: pixels from `first` to before `end`.
struct Cuts {
  std::array<int32_t, kSlots> first, end;

  Cuts(const Edge* edges, int32_t count, float y, float width) {
    std::array<float, kSlots> left, right;
    left.fill(std::numeric_limits<float>::max());
    right.fill(std::numeric_limits<float>::lowest());
    for (int32_t i = 0; i < count; ++i) {
      const Edge& edge = edges[i];
      if (edge.top >= y + 0.5F || edge.bottom <= y - 0.5F) continue;
      for (size_t slot = 0; slot < kSlots; ++slot) {
        const float line = y + kOffsets.y[slot], x = edge.x + (line - edge.top) * edge.slope;
        const bool is_cut = (edge.top <= line) & (line < edge.bottom);
        left[slot] = is_cut && x < left[slot] ? x : left[slot];
        right[slot] = is_cut && x > right[slot] ? x : right[slot];
      }
    }
    for (size_t slot = 0; slot < kSlots; ++slot) first[slot] = first_pixel(left[slot] - kOffsets.x[slot], width);
    for (size_t slot = 0; slot < kSlots; ++slot) end[slot] = first_pixel(right[slot] - kOffsets.x[slot], width);
  }

  /// The first whole number at or after `x`, within the picture.
  static int32_t first_pixel(float x, float width) {
    const float low = x < 0 ? 0 : x, within = low > width ? width : low;
    const auto pixel = static_cast<int32_t>(within);
    return pixel + (static_cast<float>(pixel) < within ? 1 : 0);
  }
};

}  // namespace

Band::Band(int width, int rows, size_t samples)
    : width_(width),
      rows_(rows),
      samples_(samples),
      inverse_depth_(samples * static_cast<size_t>(rows) * static_cast<size_t>(width)),
      nearest_(inverse_depth_.size()) {}

void Band::begin(int top) {
  top_ = top;
  std::fill(inverse_depth_.begin(), inverse_depth_.end(), 0.0F);
  std::fill(nearest_.begin(), nearest_.end(), -1);
}

void Band::draw(const Stage& stage, int32_t index) {
  const Surface& surface = stage.surfaces()[static_cast<size_t>(index)];
  const Edge* edges = &stage.edges()[static_cast<size_t>(surface.first_edge)];
  const Lens& lens = stage.view().now.lens;
  const auto width = static_cast<float>(width_);
  const float reach = samples_ > 1 ? kSampleReach : 0;
  const int first = std::max(top_, static_cast<int>(std::ceil(surface.top - reach)));
  const int last = std::min(top_ + rows_ - 1, static_cast<int>(std::floor(surface.bottom + reach)));
  for (int y = first; y <= last; ++y) {
    const Cuts cuts(edges, surface.edges, static_cast<float>(y), width);
    for (size_t sample = 0; sample < samples_; ++sample) {
      const int left = cuts.first[sample], count = cuts.end[sample] - left;
      if (count <= 0) continue;
      const float x = static_cast<float>(left) + kSamples[sample].x - static_cast<float>(lens.middle_x);
      const float row = static_cast<float>(y) + kSamples[sample].y - static_cast<float>(lens.horizon);
      const size_t at = offset(sample, y) + static_cast<size_t>(left);
      cover(&inverse_depth_[at], &nearest_[at], count, surface.inverse_depth.at(x, row), surface.inverse_depth.x,
            index);
    }
  }
}

}  // namespace weft::world
