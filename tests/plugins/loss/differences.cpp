#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using testing::error_text;
using testing::map_of;
using testing::NodeRunner;

float value_of(NodeRunner& node) {
  return node.run().tensor("value").item<float>();
}

const at::Tensor& first() {
  static const at::Tensor map = map_of({{1, 4}, {2, 2}});
  return map;
}
const at::Tensor& second() {
  static const at::Tensor map = map_of({{0, 2}, {2, 5}});
  return map;
}

TEST(LossL1, IsTheMeanOfAbsoluteDifferences) {
  NodeRunner node("loss.l1");
  node.input("a", first()).input("b", second());
  EXPECT_FLOAT_EQ(value_of(node), (1 + 2 + 0 + 3) / 4.0F);
  node.input("mask", map_of({{1, 0.5}, {0, 0}}));
  EXPECT_FLOAT_EQ(value_of(node), (1 + 1) / 4.0F);
}

TEST(LossL2, IsTheMeanOfSquaredDifferences) {
  NodeRunner node("loss.l2");
  node.input("a", first()).input("b", second());
  EXPECT_FLOAT_EQ(value_of(node), (1 + 4 + 0 + 9) / 4.0F);
  node.input("mask", map_of({{1, 0.5}, {0, 0}}));
  EXPECT_FLOAT_EQ(value_of(node), (1 + 1) / 4.0F);
}

TEST(LossL1, RefusesOtherChannels) {
  NodeRunner node("loss.l1");
  node.input("a", at::zeros({1, 3, 2, 2})).input("b", at::zeros({1, 1, 2, 2}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `b` wants feature[B,C,H,W], but C is 3 elsewhere and 1 here");
}

TEST(LossGradientDifference, ComparesTheSizesOfSteps) {
  NodeRunner inside("loss.gradient_difference"), zeros("loss.gradient_difference");
  inside.input("a", first()).input("b", second());
  zeros.set("border", "zeros").input("a", first()).input("b", second());
  // Down: |1|, |2| against |2|, |3|; across: |3|, |0| against |2|, |3|.
  EXPECT_FLOAT_EQ(value_of(inside), (1 + 1) / 2.0F + (1 + 3) / 2.0F);
  // Down to the zeros below: |2|, |2| against |2|, |5|; across to those at the right: |4|, |2| against |2|, |5|.
  EXPECT_FLOAT_EQ(value_of(zeros), (1 + 1 + 0 + 3) / 4.0F + (1 + 3 + 2 + 3) / 4.0F);
}

TEST(LossGradientDifference, RaisesThem) {
  NodeRunner node("loss.gradient_difference");
  node.set("power", 2.0).input("a", first()).input("b", second());
  EXPECT_FLOAT_EQ(value_of(node), (1 + 1) / 2.0F + (1 + 9) / 2.0F);
}

TEST(LossGradientDifference, OfMcNetsPortHasSignsAndZerosAroundTheMap) {
  NodeRunner node("loss.gradient_difference");
  node.set("border", "outside").set("differences", "signed");
  node.input("a", map_of({{1, 4}})).input("b", map_of({{2, 2}}));
  // Across: 1, 3, -4 against 2, 0, -2. Down: 1, 4, -1, -4 against 2, 2, -2, -2.
  EXPECT_FLOAT_EQ(value_of(node), (1 + 3 + 2) / 3.0F + (1 + 2 + 1 + 2) / 4.0F);
}

TEST(LossGradientDifference, AMapOfOnePixelHasNoSteps) {
  NodeRunner node("loss.gradient_difference");
  node.input("a", map_of({{1}})).input("b", map_of({{5}}));
  EXPECT_EQ(value_of(node), 0);
}

TEST(LossSsim, IsZeroForEqualImages) {
  const at::Tensor image = weights::fill_input("image", {1, 3, 12, 16});
  for (const char* window : {"uniform", "gaussian", "gaussian_padded"}) {
    NodeRunner node("loss.ssim");
    node.set("window", window).input("a", image).input("b", image);
    EXPECT_NEAR(value_of(node), 0, 1e-5) << window;
  }
}

TEST(LossSsim, OfFlatImagesOnlyBrightnessCounts) {
  NodeRunner node("loss.ssim");
  node.set("form", "negative").input("a", at::zeros({1, 1, 11, 11}) + 0.5).input("b", at::zeros({1, 1, 11, 11}) + 0.25);
  const double c1 = 0.02 * 0.02;
  EXPECT_NEAR(value_of(node), -(2 * 0.5 * 0.25 + c1) / (0.25 + 0.0625 + c1), 1e-4);  // variances round at 1e-8 of 4e-3
}

TEST(LossSsim, UniformWindowsHaveSampleCovariances) {
  // One pixel of 7x7 is 1 in a and b: mean 1/49, sample variance (1 - 1/49) / 48 = 1/49; beside b = -a: covariance -1/49.
  const at::Tensor a = at::zeros({1, 1, 7, 7});
  a[0][0][3][3] = 1;
  NodeRunner node("loss.ssim");
  node.set("window", "uniform").set("form", "negative").input("a", a).input("b", -a);
  const double c1 = 0.02 * 0.02, c2 = 0.06 * 0.06, m = 1.0 / 49;
  const double ssim = (-2 * m * m + c1) * (-2 * m + c2) / ((2 * m * m + c1) * (2 * m + c2));
  EXPECT_NEAR(value_of(node), -ssim, 1e-5);
}

TEST(LossSsim, GradientsAreThoseOfDifferences) {
  const at::Tensor a = weights::fill_input("a", {1, 2, 12, 13}).to(at::kDouble);
  const at::Tensor b = weights::fill_input("b", {1, 2, 12, 13}).to(at::kDouble);
  const at::Tensor direction = weights::fill_input("direction", {1, 2, 12, 13}).to(at::kDouble);
  for (const char* window : {"uniform", "gaussian", "gaussian_padded"}) {
    NodeRunner node("loss.ssim");
    node.set("window", window).input("b", b);
    const auto once = [&](const at::Tensor& image) { return node.input("a", image).run().tensor("value"); };
    const at::Tensor variable = a.clone().requires_grad_();
    once(variable).backward();
    const double slope = (variable.grad() * direction).sum().item<double>(), step = 1e-6;
    const double difference = (once(a + direction * step) - once(a - direction * step)).item<double>() / (2 * step);
    EXPECT_NEAR(slope, difference, 1e-7) << window;  // the error of the difference: 1e-16 / 1e-6, and some head-room
  }
}

TEST(LossSsim, WindowsOfOtherSizesArePadded) {
  // The window of 3x3 pixels about the only pixel is as wide as that of pytorch-ssim's `window_size = 3`: zeros around it.
  const double side = std::exp(-1 / (2 * 1.5 * 1.5)), p = 1 / ((1 + 2 * side) * (1 + 2 * side));
  NodeRunner node("loss.ssim");
  node.set("window", "gaussian_padded").set("window_size", int64_t{3}).set("form", "negative");
  node.input("a", map_of({{1}})).input("b", map_of({{-1}}));
  const double c1 = 0.02 * 0.02, c2 = 0.06 * 0.06, variance = p - p * p;
  const double ssim = (-2 * p * p + c1) * (-2 * variance + c2) / ((2 * p * p + c1) * (2 * variance + c2));
  EXPECT_NEAR(value_of(node), -ssim, 1e-6);  // floats
}

TEST(LossSsim, RefusesWindowsWithoutAMiddle) {
  NodeRunner node("loss.ssim");
  node.set("window_size", int64_t{8}).input("a", at::zeros({1, 3, 16, 16})).input("b", at::zeros({1, 3, 16, 16}));
  EXPECT_EQ(error_text([&] { node.run(); }), "loss.ssim: `window_size` must be odd, but is 8\n  write 7 or 9");
}

TEST(LossSsim, RefusesImagesSmallerThanTheWindow) {
  NodeRunner node("loss.ssim");
  node.input("a", at::zeros({1, 3, 8, 16})).input("b", at::zeros({1, 3, 8, 16}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "loss.ssim uses windows of 11x11 pixels, but the images are [1, 3, 8, 16]\n  use larger images, or "
            "window = \"gaussian_padded\"");
}

}  // namespace
}  // namespace weft
