#include "framework/vision/curve.h"

#include <algorithm>
#include <cmath>

namespace weft::vision {
namespace {

constexpr double kLongest = 65536;
constexpr double kSteepest = 1;
constexpr double kNoise = 1e-6;

/// The polynomial through two or three points, in Newton's form:
///
///   y(x) = start.y + (x - start.x) * (slope + bend * (x - second_x))
struct Polynomial {
  Point start;
  double second_x = 0;
  double slope = 0;
  double bend = 0;

  double operator()(double x) const { return start.y + (x - start.x) * (slope + bend * (x - second_x)); }
};

double slope_between(Point a, Point b) {
  return (b.y - a.y) / (b.x - a.x);
}

/// Points with one x count once where they also have one y; otherwise the polynomial is infinitely steep: not
/// finite.
Polynomial polynomial_through(std::span<const Point> points) {
  const Point first = points[0], second = points[1];
  if (points.size() == 2) return {first, second.x, slope_between(first, second), 0};
  const Point third = points[2];
  const auto coincide = [](Point a, Point b) { return a.x == b.x && a.y == b.y; };
  if (coincide(first, second) || coincide(second, third)) return {first, first.x, slope_between(first, third), 0};
  const double slope = slope_between(first, second);
  return {first, second.x, slope, (slope_between(second, third) - slope) / (third.x - first.x)};
}

int64_t truncated(double coordinate) {
  constexpr double kFar = kLongest * kLongest;  // far outside of any picture, and still an integer
  return static_cast<int64_t>(std::clamp(coordinate, -kFar, kFar));
}

int64_t truncated_beside_noise(double coordinate) {
  const double nearest = std::round(coordinate);
  return truncated(std::abs(coordinate - nearest) < kNoise ? nearest : coordinate);
}

/// The curve as a function of x.
std::vector<Pixel> curve_over_x(std::span<const Point> points) {
  const Polynomial y = polynomial_through(points);
  const auto [low, high] = std::minmax(points.front().x, points.back().x);
  const double length = high - low;
  if (!std::isfinite(y.slope) || !(std::abs(y.bend) <= kSteepest) || length >= kLongest) return {};
  const auto count = static_cast<int64_t>(length);
  std::vector<Pixel> pixels;
  pixels.reserve(static_cast<size_t>(count));
  const double step = length / static_cast<double>(std::max<int64_t>(count - 1, 1));
  for (int64_t i = 0; i < count; ++i) {
    const double x = i > 0 && i == count - 1 ? high : low + static_cast<double>(i) * step;
    pixels.push_back({truncated(x), truncated_beside_noise(y(x))});
  }
  return pixels;
}

bool is_longer_in_y(std::span<const Point> points) {
  double largest_x = 0, largest_y = 0;
  for (size_t i = 1; i < points.size(); ++i) {
    largest_x = std::max(largest_x, std::abs(points[i].x - points[i - 1].x));
    largest_y = std::max(largest_y, std::abs(points[i].y - points[i - 1].y));
  }
  return largest_x < largest_y;
}

/// A picture as plain memory.
struct Canvas {
  uint8_t* bytes;
  int64_t height;
  int64_t width;
  size_t channels;
};

/// Paints one shifted curve after the other, with memory of its own.
class Painter {
 public:
  Painter(const Canvas& canvas, std::span<const uint8_t> colour) : canvas_(canvas), colour_(colour) {}

  void paint(std::span<const Pixel> curve, int64_t down, int64_t right) {
    touched_.clear();
    for (const Pixel& pixel : curve) {
      const int64_t y = std::clamp<int64_t>(pixel.y + down, 0, canvas_.height - 1);
      const int64_t x = std::clamp<int64_t>(pixel.x + right, 0, canvas_.width - 1);
      touched_.push_back(canvas_.bytes + static_cast<size_t>(y * canvas_.width + x) * canvas_.channels);
    }
    if (canvas_.channels == 1 || lies_on_black()) {
      for (uint8_t* pixel : touched_) std::copy(colour_.begin(), colour_.end(), pixel);
    } else {
      mix();
    }
  }

 private:
  bool lies_on_black() const {
    return std::all_of(touched_.begin(), touched_.end(), [this](const uint8_t* pixel) {
      return std::all_of(pixel, pixel + canvas_.channels, [](uint8_t value) { return value == 0; });
    });
  }

  /// All pixels are read before one is written: one that is hit twice, at the border, is mixed once.
  void mix() {
    mixed_.clear();
    for (const uint8_t* pixel : touched_) {
      for (size_t c = 0; c < colour_.size(); ++c) mixed_.push_back(static_cast<uint8_t>((pixel[c] + colour_[c]) / 2));
    }
    for (size_t i = 0; i < touched_.size(); ++i) std::copy_n(&mixed_[i * colour_.size()], colour_.size(), touched_[i]);
  }

  Canvas canvas_;
  std::span<const uint8_t> colour_;
  std::vector<uint8_t*> touched_;
  std::vector<uint8_t> mixed_;
};

/// Without pixels that are painted at the same places of the border as their neighbours, wherever the curve is shifted to: a
/// curve may go on far outside of the picture.
std::vector<Pixel> near_picture(std::span<const Pixel> curve, int64_t farthest, int64_t height, int64_t width) {
  std::vector<Pixel> near;
  for (const Pixel& pixel : curve) {
    const Pixel clamped = {std::clamp<int64_t>(pixel.x, -farthest, width - 1 + farthest),
                           std::clamp<int64_t>(pixel.y, -farthest, height - 1 + farthest)};
    if (near.empty() || clamped.x != near.back().x || clamped.y != near.back().y) near.push_back(clamped);
  }
  return near;
}

}  // namespace

std::vector<Pixel> curve_through(std::span<const Point> points) {
  const auto is_finite = [](Point point) { return std::isfinite(point.x) && std::isfinite(point.y); };
  if (!std::all_of(points.begin(), points.end(), is_finite)) return {};
  if (!is_longer_in_y(points)) return curve_over_x(points);
  std::vector<Point> turned;
  for (const Point& point : points) turned.push_back({point.y, point.x});
  std::vector<Pixel> pixels = curve_over_x(turned);
  for (Pixel& pixel : pixels) std::swap(pixel.x, pixel.y);
  return pixels;
}

void draw_curve(std::span<const Pixel> curve, int64_t brush, Ends ends, std::span<const uint8_t> colour,
                const at::Tensor& picture) {
  if (curve.empty()) return;
  Painter painter({picture.data_ptr<uint8_t>(), picture.size(0), picture.size(1), colour.size()}, colour);
  const std::vector<Pixel> near = near_picture(curve, brush, picture.size(0), picture.size(1));
  for (int64_t down = -brush; down < brush; ++down) {
    for (int64_t right = -brush; right < brush; ++right) painter.paint(near, down, right);
  }
  if (ends == Ends::Plain) return;
  const Pixel both_ends[] = {curve.front(), curve.back()};
  const int64_t radius = 2 * brush;
  for (int64_t down = -radius; down < radius; ++down) {
    for (int64_t right = -radius; right < radius; ++right) {
      if (down * down + right * right < radius * radius) painter.paint(both_ends, down, right);
    }
  }
}

}  // namespace weft::vision
