#include "plugins/media/palette.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace weft::media {
namespace {

constexpr size_t kMostColours = 256;
constexpr int kBits = 5;  ///< of each channel, in the histogram

/// The pixels of one cell of the histogram.
struct Cell {
  std::array<double, 3> sum{};
  double squares = 0;
  double count = 0;
};

/// Cells that one colour represents.
struct Box {
  std::vector<const Cell*> cells;
  Cell total;

  explicit Box(std::vector<const Cell*> of) : cells(std::move(of)) {
    for (const Cell* cell : cells) {
      for (size_t i = 0; i < 3; ++i) total.sum[i] += cell->sum[i];
      total.squares += cell->squares;
      total.count += cell->count;
    }
  }

  /// Summed over its pixels, squared.
  double error() const {
    double of_mean = 0;
    for (const double sum : total.sum) of_mean += sum * sum;
    return total.squares - of_mean / total.count;
  }
  double mean(size_t channel) const { return total.sum[channel] / total.count; }
};

/// The channel in which the box is widest.
size_t widest_channel(const Box& box) {
  std::array<double, 3> variance{};
  for (const Cell* cell : box.cells) {
    for (size_t i = 0; i < 3; ++i) {
      const double off = cell->sum[i] / cell->count - box.mean(i);
      variance[i] += off * off * cell->count;
    }
  }
  return static_cast<size_t>(std::max_element(variance.begin(), variance.end()) - variance.begin());
}

/// Cuts a box of at least two cells where the errors of the parts add up to least.
std::pair<Box, Box> cut(Box box) {
  const size_t channel = widest_channel(box);
  std::sort(box.cells.begin(), box.cells.end(),
            [&](const Cell* a, const Cell* b) { return a->sum[channel] / a->count < b->sum[channel] / b->count; });
  Cell left;
  double best = -1;
  size_t at = 1;
  for (size_t i = 0; i + 1 < box.cells.size(); ++i) {
    const Cell& cell = *box.cells[i];
    left.count += cell.count;
    double gain = 0;
    for (size_t c = 0; c < 3; ++c) {
      left.sum[c] += cell.sum[c];
      const double right = box.total.sum[c] - left.sum[c];
      gain += left.sum[c] * left.sum[c] / left.count + right * right / (box.total.count - left.count);
    }
    if (gain > best) best = gain, at = i + 1;
  }
  const auto middle = box.cells.begin() + static_cast<std::ptrdiff_t>(at);
  return {Box({box.cells.begin(), middle}), Box({middle, box.cells.end()})};
}

std::vector<Cell> histogram(const uint8_t* rgb, int64_t pixels) {
  std::vector<Cell> cells(size_t{1} << (3 * kBits));
  for (int64_t i = 0; i < pixels; ++i, rgb += 3) {
    constexpr int kDropped = 8 - kBits;
    Cell& cell = cells[static_cast<size_t>((rgb[0] >> kDropped) << (2 * kBits) | (rgb[1] >> kDropped) << kBits |
                                           rgb[2] >> kDropped)];
    for (size_t c = 0; c < 3; ++c) {
      cell.sum[c] += rgb[c];
      cell.squares += rgb[c] * rgb[c];
    }
    cell.count += 1;
  }
  return cells;
}

/// The colours of a picture that has at most 256; else none.
std::vector<Palette::Colour> few_colours(const uint8_t* rgb, int64_t pixels) {
  std::set<Palette::Colour> found;
  Palette::Colour last{};
  for (int64_t i = 0; i < pixels; ++i, rgb += 3) {
    const Palette::Colour colour = {rgb[0], rgb[1], rgb[2]};
    if (colour == last && !found.empty()) continue;
    found.insert(last = colour);
    if (found.size() > kMostColours) return {};
  }
  return {found.begin(), found.end()};
}

std::vector<Palette::Colour> means_of_boxes(const uint8_t* rgb, int64_t pixels, double& error) {
  const std::vector<Cell> cells = histogram(rgb, pixels);
  std::vector<const Cell*> used;
  for (const Cell& cell : cells) {
    if (cell.count > 0) used.push_back(&cell);
  }
  std::vector<Box> boxes = {Box(std::move(used))};
  while (boxes.size() < kMostColours) {
    const auto score = [](const Box& box) { return box.cells.size() > 1 ? box.error() : -1; };
    const auto worst =
        std::max_element(boxes.begin(), boxes.end(), [&](const Box& a, const Box& b) { return score(a) < score(b); });
    if (worst->cells.size() < 2) break;
    auto [left, right] = cut(std::move(*worst));
    *worst = std::move(left);
    boxes.push_back(std::move(right));
  }
  std::vector<Palette::Colour> colours;
  error = 0;
  for (const Box& box : boxes) {
    Palette::Colour& colour = colours.emplace_back();
    for (size_t i = 0; i < 3; ++i) colour[i] = static_cast<uint8_t>(std::lround(box.mean(i)));
    error += std::max(box.error(), 0.0);
  }
  error = std::sqrt(error / static_cast<double>(3 * pixels));
  return colours;
}

/// The threshold of a place in [-0.5, 0.5): Bayer's matrix of 8x8, which is built from that of 2x2.
float threshold(int64_t x, int64_t y) {
  int64_t value = 0;
  for (int bit = 0; bit < 3; ++bit) {
    const int64_t one_x = x >> bit & 1, one_y = y >> bit & 1;
    value = value << 2 | ((one_x ^ one_y) << 1 | one_y);
  }
  return (static_cast<float>(value) + 0.5F) / 64 - 0.5F;
}

}  // namespace

Palette::Palette(const uint8_t* rgb, int64_t pixels) : colours_(few_colours(rgb, pixels)) {
  is_exact_ = !colours_.empty();
  if (is_exact_) return;
  double error = 0;
  colours_ = means_of_boxes(rgb, pixels, error);
  // Twice the mean error on each side reaches the next colour of most boxes.
  spread_ = static_cast<int>(std::lround(4 * error));
}

uint8_t Palette::nearest(const std::array<int, 3>& colour) const {
  int least = std::numeric_limits<int>::max();
  size_t found = 0;
  for (size_t i = 0; i < colours_.size(); ++i) {
    int distance = 0;
    for (size_t c = 0; c < 3; ++c) distance += (colour[c] - colours_[i][c]) * (colour[c] - colours_[i][c]);
    if (distance < least) least = distance, found = i;
  }
  return static_cast<uint8_t>(found);
}

void Palette::dither(const uint8_t* rgb, Size size, uint8_t* indices, int64_t row_bytes) const {
  std::vector<int16_t> known(is_exact_ ? 0 : size_t{1} << 18, -1);
  for (int64_t y = 0; y < size.height; ++y) {
    for (int64_t x = 0; x < size.width; ++x, rgb += 3) {
      if (is_exact_) {
        const auto found = std::lower_bound(colours_.begin(), colours_.end(), Colour{rgb[0], rgb[1], rgb[2]});
        indices[y * row_bytes + x] = static_cast<uint8_t>(found - colours_.begin());
        continue;
      }
      const int moved = static_cast<int>(std::lround(static_cast<float>(spread_) * threshold(x, y)));
      std::array<int, 3> colour{};
      size_t key = 0;
      for (size_t c = 0; c < 3; ++c) {
        // Looked up in steps of 4, which the dither hides.
        colour[c] = (std::clamp(rgb[c] + moved, 0, 255) & ~3) | 2;
        key = key << 6 | static_cast<size_t>(colour[c] >> 2);
      }
      if (known[key] < 0) known[key] = nearest(colour);
      indices[y * row_bytes + x] = static_cast<uint8_t>(known[key]);
    }
  }
}

}  // namespace weft::media
