#include "plugins/estimators/region.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/rot90.h>
#include <gtest/gtest.h>

#include <numbers>

namespace weft::estimators {
namespace {

constexpr double kQuarter = std::numbers::pi / 2;

void expect_point(Point point, double x, double y) {
  EXPECT_NEAR(point.x, x, 1e-9);
  EXPECT_NEAR(point.y, y, 1e-9);
}

TEST(Region, TurnsClockwise) {
  const Region region = {10, 20, 4, kQuarter};
  expect_point(region.place(0.5, 0.5), 10, 20);
  expect_point(region.place(1, 0.5), 10, 22);  // its right is below
  expect_point(region.place(0.5, 0), 12, 20);  // its top is on the right
}

TEST(Region, OfAWholeFrameReachesOverItsShorterSide) {
  const Region whole = whole_frame(4, 8);
  expect_point(whole.place(0, 0), -0.5, -2.5);
  expect_point(whole.place(1, 1), 7.5, 5.5);
}

TEST(Region, OfABodyStandsUprightOnItsLine) {
  const Region upright = region_on_line({5, 5}, {5, 1}, 1.25);  // the head is above
  EXPECT_NEAR(upright.angle, 0, 1e-12);
  EXPECT_NEAR(upright.size, 2 * 4 * 1.25, 1e-12);
  EXPECT_NEAR(region_on_line({5, 5}, {9, 5}, 1).angle, kQuarter, 1e-12);   // lies with its head to the right
  EXPECT_NEAR(region_on_line({5, 5}, {1, 5}, 1).angle, -kQuarter, 1e-12);  // to the left
  EXPECT_NEAR(std::abs(region_on_line({5, 5}, {5, 9}, 1).angle), 2 * kQuarter, 1e-12);
  // In each of them the line points up.
  const Region slanted = region_on_line({5, 5}, {8, 1}, 1);
  expect_point(slanted.place(0.5, 0), 8, 1);
}

TEST(Region, OfAFaceHasItsEyesLevel) {
  const Region face = region_of_box({0, 0}, {4, 6}, {1, 2}, {3, 4}, 1.5);
  EXPECT_NEAR(face.angle, kQuarter / 2, 1e-12);
  EXPECT_NEAR(face.size, 9, 1e-12);
  expect_point({face.x, face.y}, 2, 3);
}

TEST(Region, OverlapIsIntersectionOverUnion) {
  EXPECT_NEAR(overlap({0, 0, 2, 0}, {0, 0, 2, 0}), 1, 1e-12);
  EXPECT_NEAR(overlap({0, 0, 2, 0}, {1, 0, 2, 0}), 1.0 / 3, 1e-12);
  EXPECT_EQ(overlap({0, 0, 2, 0}, {5, 0, 2, 0}), 0);
  EXPECT_EQ(overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(Crop, OfTheWholeFrameAtItsSizeIsTheFrame) {
  const at::Tensor light = at::rand({1, 3, 6, 6});
  EXPECT_TRUE(crop(light, whole_frame(6, 6), 6).allclose(light, 1e-5, 1e-5));
}

TEST(Crop, OfATurnedRegionShowsItUpright) {
  const at::Tensor light = at::rand({1, 3, 6, 6});
  Region turned = whole_frame(6, 6);
  turned.angle = kQuarter;  // its top is the frame's right column
  EXPECT_TRUE(crop(light, turned, 6).allclose(at::rot90(light, 1, {2, 3}), 1e-5, 1e-5));
}

TEST(Crop, IsBlackBeyondTheFrame) {
  const at::Tensor seen = crop(at::ones({1, 3, 4, 8}), whole_frame(4, 8), 8);
  EXPECT_EQ(seen.narrow(2, 0, 2).abs().max().item<float>(), 0);
  EXPECT_EQ(seen.narrow(2, 6, 2).abs().max().item<float>(), 0);
  EXPECT_TRUE(seen.narrow(2, 2, 4).allclose(at::ones({1, 3, 4, 8})));
}

TEST(Crop, PutsAPositionWhereTheRegionSaysItIs) {
  // A ramp in x: what is seen at a pixel is the x of its place.
  const at::Tensor ramp = at::arange(32, at::kFloat).expand({1, 3, 32, 32}).contiguous();
  const Region region = {14, 15, 10, 0.6};
  const at::Tensor seen = crop(ramp, region, 5);
  for (int64_t y = 0; y < 5; ++y) {
    for (int64_t x = 0; x < 5; ++x) {
      const Point place = region.place((static_cast<double>(x) + 0.5) / 5, (static_cast<double>(y) + 0.5) / 5);
      EXPECT_NEAR(seen[0][0][y][x].item<double>(), place.x, 1e-4);  // float32 of values up to 32
    }
  }
}

}  // namespace
}  // namespace weft::estimators
