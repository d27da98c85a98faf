#include "plugins/world/figure/head_shape.h"

#include <array>
#include <cstddef>

namespace weft::world {
namespace {

constexpr std::array<HeadCut, 20> kCuts = {
    {{0.118, 0.118, 0.001, -0.012, -0.014},    {0.114, 0.114, 0.030, 0.022, -0.046},
     {0.098, 0.099, 0.056, 0.056, -0.078},     {0.072, 0.076, 0.070, 0.0775, -0.093},
     {0.042, 0.050, 0.0755, 0.0875, -0.099},   {0.020, 0.030, 0.0765, 0.0900, -0.100},
     {0.000, 0.012, 0.0765, 0.0880, -0.099},   {-0.020, -0.006, 0.0755, 0.0885, -0.096},
     {-0.045, -0.028, 0.0725, 0.0895, -0.090}, {-0.060, -0.040, 0.0700, 0.0890, -0.084},
     {-0.072, -0.050, 0.0670, 0.0885, -0.079}, {-0.090, -0.064, 0.0600, 0.0865, -0.072},
     {-0.105, -0.077, 0.0520, 0.0840, -0.066}, {-0.116, -0.089, 0.0460, 0.0760, -0.062},
     {-0.123, -0.100, 0.0440, 0.0580, -0.060}, {-0.133, -0.114, 0.0450, 0.0350, -0.058},
     {-0.152, -0.140, 0.0470, 0.0270, -0.058}, {-0.180, -0.172, 0.0500, 0.0270, -0.060},
     {-0.210, -0.205, 0.0560, 0.0310, -0.064}, {-0.240, -0.240, 0.0620, 0.0360, -0.068}}};

/// A smooth curve through four numbers, between the second and the third.
double through(double a, double b, double c, double d, double x) {
  const double begin = 0.5 * (c - a), end = 0.5 * (d - b);
  const double square = x * x, cube = square * x;
  return (2 * cube - 3 * square + 1) * b + (cube - 2 * square + x) * begin + (3 * square - 2 * cube) * c +
         (cube - square) * end;
}

}  // namespace

HeadCut head_cut(double height) {
  size_t i = 0;
  while (i + 2 < kCuts.size() && height < kCuts[i + 1].height) ++i;
  const HeadCut &b = kCuts[i], &c = kCuts[i + 1];
  const HeadCut &a = kCuts[i > 0 ? i - 1 : 0], &d = kCuts[i + 2 < kCuts.size() ? i + 2 : i + 1];
  double x = (b.height - height) / (b.height - c.height);
  x = x < 0 ? 0 : x > 1 ? 1 : x;
  const auto curve = [&](double HeadCut::*value) { return through(a.*value, b.*value, c.*value, d.*value, x); };
  return {height, curve(&HeadCut::back_height), curve(&HeadCut::width), curve(&HeadCut::front), curve(&HeadCut::back)};
}

}  // namespace weft::world
