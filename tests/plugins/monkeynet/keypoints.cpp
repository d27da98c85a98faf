#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

/// Keypoints of one frame, [1, K, 5]: x, y and the factor of a variance.
at::Tensor keypoints(const std::vector<double>& numbers) {
  return at::tensor(numbers).to(at::kFloat).view({1, -1, 5});
}

at::Tensor transferred(const at::Tensor& driving, const at::Tensor& first, const at::Tensor& source,
                       const std::map<std::string, ParamValue>& params = {}) {
  NodeRunner node("monkeynet.transfer");
  for (const auto& [name, value] : params) node.set(name, value);
  return node.input("driving", driving).input("first", first).input("source", source).run().tensor("keypoints");
}

/// Three corners of a triangle whose legs have this length.
at::Tensor triangle(double x, double y, double leg) {
  return keypoints({x, y, 1, 0, 1, x + leg, y, 1, 0, 1, x, y + leg, 1, 0, 1});
}

void expect_close(const at::Tensor& a, const at::Tensor& b) {
  EXPECT_TRUE(at::allclose(a, b, 1e-5, 1e-6)) << a << b;  // rounding of float
}

TEST(MonkeyNetTransfer, TheSourceMovesAsTheDrivingFrameHasMoved) {
  const at::Tensor moved =
      transferred(keypoints({0.5, -0.25, 2, 0, 2}), keypoints({0.25, 0.25, 3, 0, 3}), keypoints({-0.5, 0, 5, 0, 5}));
  expect_close(moved, keypoints({-0.25, -0.5, 2, 0, 2}));  // the variance is the driving one
}

TEST(MonkeyNetTransfer, MotionIsScaledByTheSizesOfBoth) {
  // Areas 1/2 · 0.2^2 and 1/2 · 0.4^2: half the motion.
  const at::Tensor moved =
      transferred(triangle(0.1, 0, 0.4), triangle(0, 0, 0.4), triangle(-0.5, 0.5, 0.2), {{"scale_motion", true}});
  expect_close(moved, triangle(-0.45, 0.5, 0.2));
}

TEST(MonkeyNetTransfer, APointInsideOfTheHullDoesNotCount) {
  const auto with_inner = [](const at::Tensor& corners) {
    return at::cat(
        {corners, keypoints({corners[0][0][0].item<double>() + 0.05, corners[0][0][1].item<double>() + 0.05, 1, 0, 1})},
        1);
  };
  const at::Tensor moved = transferred(with_inner(triangle(0.1, 0, 0.4)), with_inner(triangle(0, 0, 0.4)),
                                       with_inner(triangle(-0.5, 0.5, 0.2)), {{"scale_motion", true}});
  expect_close(moved.narrow(1, 0, 3), triangle(-0.45, 0.5, 0.2));
}

TEST(MonkeyNetTransfer, KeypointsMayBeKeptWithinTheFrame) {
  const at::Tensor far = keypoints({0.9, -0.9, 1, 0, 1}), near = keypoints({0, 0, 1, 0, 1});
  expect_close(transferred(far, near, far, {{"clip", true}}), keypoints({1, -1, 1, 0, 1}));
  expect_close(transferred(far, near, far), keypoints({1.8, -1.8, 1, 0, 1}));
}

TEST(MonkeyNetTransfer, AnAdaptedVarianceIsThatOfTheSourceChangedAsTheDrivingOne) {
  // Variances 4 / 1 · 9 = 36 of x and 1 / 4 · 16 = 4 of y; the factors are their roots.
  const at::Tensor moved = transferred(keypoints({0, 0, 2, 0, 1}), keypoints({0, 0, 1, 0, 2}),
                                       keypoints({0, 0, 3, 0, 4}), {{"adapt_variance", true}});
  expect_close(moved, keypoints({0, 0, 6, 0, 2}));
}

TEST(MonkeyNetTransfer, AnAdaptedVarianceThatIsNoneIsMadeOne) {
  // V = [[1, 0], [0, 1]], first^-1 = 1, source = L L' with L = [[1, 0], [2, 1]]: symmetric already, [[1, 2], [2, 5]].
  const at::Tensor same = transferred(keypoints({0, 0, 1, 0, 1}), keypoints({0, 0, 1, 0, 1}),
                                      keypoints({0, 0, 1, 2, 1}), {{"adapt_variance", true}});
  expect_close(same, keypoints({0, 0, 1, 2, 1}));
  // diag(1, 1/100) · diag(1, 1/100)^-1 · the same, but the driving one is turned by 90 degrees: the symmetric part of
  // diag(1/100, 1) diag(1, 100) [[1, 2], [2, 5]] = [[0.01, 0.02], [200, 500]] has a negative eigenvalue.
  const at::Tensor repaired = transferred(keypoints({0, 0, 0.1, 0, 1}), keypoints({0, 0, 1, 0, 0.1}),
                                          keypoints({0, 0, 1, 2, 1}), {{"adapt_variance", true}});
  const double middle = (0.01 + 500) / 2, half = (0.01 - 500) / 2, mixed = 100.01;
  const double radius = std::hypot(half, mixed), large = middle + radius, small = 1e-6;
  const double stretch = (large - small) / 2 / radius;
  const std::vector<float> found = testing::values(repaired);
  EXPECT_NEAR(found[2] * found[2], (large + small) / 2 + stretch * half, 1e-3);
  EXPECT_NEAR(found[2] * found[3], stretch * mixed, 1e-3);
}

TEST(MonkeyNetTransfer, MotionOfPointsOnALineHasNoSize) {
  const at::Tensor line = keypoints({0, 0, 1, 0, 1, 0.1, 0.1, 1, 0, 1, 0.5, 0.5, 1, 0, 1});
  EXPECT_EQ(
      error_text([&] {
        transferred(line, line, triangle(0, 0, 1), {{"scale_motion", true}});
      }),
      "monkeynet.transfer: the keypoints of the first driving frame lie on one line, so that their convex hull has "
      "no area to compare\n  set `scale_motion = false`");
}

}  // namespace
}  // namespace weft
