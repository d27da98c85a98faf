#include "framework/vision/curve.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <limits>
#include <ostream>

namespace weft::vision {

void PrintTo(const Pixel& pixel, std::ostream* out) {
  *out << '(' << pixel.x << ", " << pixel.y << ')';
}

namespace {

using Pixels = std::vector<Pixel>;

Pixels curve(const std::vector<Point>& points) {
  return curve_through(points);
}

std::vector<int> values_of(const at::Tensor& picture) {
  const uint8_t* values = picture.const_data_ptr<uint8_t>();
  return {values, values + picture.numel()};
}

TEST(Curve, ALineHasAsManyPixelsAsLieBetweenItsEnds) {
  // 4 positions from 10 to 14 with both ends: 10, 11.33, 12.67, 14; half as far down.
  EXPECT_EQ(curve({{10, 20}, {14, 22}}), (Pixels{{10, 20}, {11, 20}, {12, 21}, {14, 22}}));
}

TEST(Curve, ASteepLineIsAFunctionOfY) {
  EXPECT_EQ(curve({{20, 10}, {22, 14}}), (Pixels{{20, 10}, {20, 11}, {21, 12}, {22, 14}}));
}

TEST(Curve, RunsFromTheLowerEnd) {
  EXPECT_EQ(curve({{14, 22}, {10, 20}}), curve({{10, 20}, {14, 22}}));
}

TEST(Curve, ThreePointsMakeAParabola) {
  // y = 4 - (x - 4)^2 / 4 at 0, 1.14, 2.29, 3.43, 4.57, 5.71, 6.86 and 8.
  EXPECT_EQ(curve({{0, 0}, {4, 4}, {8, 0}}), (Pixels{{0, 0}, {1, 1}, {2, 3}, {3, 3}, {4, 3}, {5, 3}, {6, 1}, {8, 0}}));
}

TEST(Curve, ASteepParabolaIsNotDrawn) {
  EXPECT_EQ(curve({{0, 0}, {2, 2}, {3, 0}}).size(), 3U);  // -x^2 + 3x: just allowed
  EXPECT_EQ(curve({{0, 0}, {2, 2}, {2.9, 0}}), Pixels());
}

TEST(Curve, OnePixelIsTheFirstEnd) {
  EXPECT_EQ(curve({{10, 20}, {11.5, 20}}), (Pixels{{10, 20}}));
  EXPECT_EQ(curve({{10, 20}, {10.9, 20}}), Pixels());
}

TEST(Curve, CoincidingPointsCountOnce) {
  EXPECT_EQ(curve({{10, 20}, {10, 20}, {14, 22}}), curve({{10, 20}, {14, 22}}));
  EXPECT_EQ(curve({{10, 20}, {14, 22}, {14, 22}}), curve({{10, 20}, {14, 22}}));
  EXPECT_EQ(curve({{10, 20}, {10, 21}, {14, 22}}), Pixels());  // no parabola goes through these
}

TEST(Curve, AValueOnAnIntegerIsThatInteger) {
  // 0.1 + 0.2 is not quite 0.3 in binary: the line passes pixel 3 from below or above.
  for (const double noise : {-1e-9, 0.0, 1e-9}) {
    EXPECT_EQ(curve({{0, 3 + noise}, {3, 3 + noise}}), (Pixels{{0, 3}, {1, 3}, {3, 3}})) << noise;
  }
}

TEST(Curve, PointsThatAreNoPositionsDrawNothing) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinite = std::numeric_limits<double>::infinity();
  EXPECT_EQ(curve({{nan, 0}, {10, 0}}), Pixels());
  EXPECT_EQ(curve({{0, 0}, {infinite, 0}}), Pixels());
  EXPECT_EQ(curve({{0, 0}, {1e30, 0}}), Pixels());
  EXPECT_EQ(curve({{1e300, 0}, {1e300, 1e300}}), Pixels());
}

TEST(DrawCurve, GreyIsReplacedUnderTheBrush) {
  const at::Tensor picture = at::full({4, 4}, 9, at::kByte);
  const uint8_t colour[] = {200};
  draw_curve(Pixels{{2, 2}}, 1, Ends::Plain, colour, picture);
  // The brush covers the pixel, and those to the left and above.
  EXPECT_EQ(values_of(picture), (std::vector<int>{9, 9, 9, 9, 9, 200, 200, 9, 9, 200, 200, 9, 9, 9, 9, 9}));
}

TEST(DrawCurve, ColourOverColourIsMixed) {
  const at::Tensor picture = at::zeros({1, 4, 3}, at::kByte);
  const uint8_t colour[] = {100, 40, 1};
  draw_curve(Pixels{{1, 0}, {2, 0}}, 1, Ends::Plain, colour, picture);
  // Up and left, the curve covers pixels 0 and 1, which are black: both get the colour. Up, it covers 1 and
  // 2, of which one is not black: 2 gets half. The row above is outside, so all this happens once more: 2
  // gets (half + whole) / 2.
  EXPECT_EQ(values_of(picture), (std::vector<int>{100, 40, 1, 100, 40, 1, 75, 30, 0, 0, 0, 0}));
}

TEST(DrawCurve, WhatLeavesThePictureGoesToItsBorderOnce) {
  const at::Tensor picture = at::full({1, 2, 3}, 100, at::kByte);
  const uint8_t colour[] = {0, 0, 0};
  const Pixels far = {{50, 0}, {60, 0}};
  draw_curve(far, 1, Ends::Plain, colour, picture);
  // Four shifts, each of which hits the last pixel twice but halves it once: 50, 25, 12, 6.
  EXPECT_EQ(values_of(picture), (std::vector<int>{100, 100, 100, 6, 6, 6}));
}

TEST(DrawCurve, WhatLiesFarOutsideCostsNothing) {
  const auto drawn = [](int64_t far) {
    Pixels curve;
    for (int64_t x = 2; x < far; ++x) curve.push_back({x, std::min<int64_t>(x, 6)});
    const at::Tensor picture = at::zeros({5, 5, 3}, at::kByte);
    const uint8_t colour[] = {200, 10, 0};
    draw_curve(curve, 30, Ends::Plain, colour, picture);
    return values_of(picture);
  };
  EXPECT_EQ(drawn(3'000'000), drawn(200));
}

TEST(DrawCurve, EndsAreDiscsOfTwiceTheBrush) {
  const at::Tensor picture = at::zeros({9, 9}, at::kByte);
  const uint8_t colour[] = {1};
  draw_curve(Pixels{{4, 4}}, 1, Ends::Discs, colour, picture);
  for (int64_t y = 0; y < 9; ++y) {
    for (int64_t x = 0; x < 9; ++x) {
      const bool is_in_disc = (y - 4) * (y - 4) + (x - 4) * (x - 4) < 4;
      EXPECT_EQ(picture[y][x].item<int>(), is_in_disc ? 1 : 0) << x << ' ' << y;
    }
  }
}

}  // namespace
}  // namespace weft::vision
