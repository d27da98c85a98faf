#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace weft {
namespace {

using testing::error_text;
using testing::map_of;
using testing::NodeRunner;

double value_of(NodeRunner& node, const char* output = "value") {
  return node.run().tensor(output).item<double>();
}

TEST(MetricErrors, AreThoseOfImagesFromZeroToOne) {
  NodeRunner mse("metric.mse"), l1("metric.l1"), plain("metric.mse");
  const at::Tensor a = at::full({1, 3, 2, 2}, 0.5), b = at::full({1, 3, 2, 2}, -0.5);
  EXPECT_DOUBLE_EQ(value_of(mse.input("a", a).input("b", b)), 0.25);
  EXPECT_DOUBLE_EQ(value_of(l1.input("a", a).input("b", b)), 0.5);
  EXPECT_DOUBLE_EQ(value_of(plain.set("range", 1.0).input("a", a).input("b", b)), 1);
  EXPECT_EQ(value_of(mse.clear_inputs().input("a", a).input("b", a)), 0);
}

TEST(MetricErrors, RefuseAnotherSize) {
  NodeRunner node("metric.mse");
  node.input("a", at::zeros({1, 3, 4, 4})).input("b", at::zeros({1, 3, 4, 5}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `b` wants feature[B,C,H,W], but W is 4 elsewhere and 5 here");
}

TEST(MetricMsSsim, OfFlatImagesIsThePowerOfTheirBrightness) {
  NodeRunner node("metric.ms_ssim");
  node.input("a", at::full({1, 1, 176, 176}, 0.5)).input("b", at::full({1, 1, 176, 176}, 0.25));
  // Contrasts are 1; the coarsest similarity has the weight 0.1333.
  const double c1 = 0.02 * 0.02, similarity = (2 * 0.5 * 0.25 + c1) / (0.25 + 0.0625 + c1);
  EXPECT_NEAR(value_of(node), std::pow(similarity, 0.1333), 1e-12);
}

TEST(MetricMsSsim, RefusesImagesThatCannotBeHalved) {
  NodeRunner node("metric.ms_ssim");
  node.input("a", at::zeros({1, 3, 160, 200})).input("b", at::zeros({1, 3, 160, 200}));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "metric.ms_ssim halves images four times and needs 161 pixels in height and width, but the images are [1, 3, "
      "160, 200]\n  use metric.ssim for small images");
}

/// A flow of lengths 10, whose error is 2 to the right, 4 down, and 0.
NodeRunner& give_flows(NodeRunner& node) {
  at::Tensor target = at::zeros({1, 2, 1, 3});
  target.select(1, 0).fill_(10);
  at::Tensor flow = target.clone();
  flow[0][0][0][0] += 2;
  flow[0][1][0][1] += 4;
  return node.input("flow", flow).input("target", target);
}

TEST(MetricFlowError, CountsEndPointErrors) {
  NodeRunner node("metric.flow_error");
  EXPECT_DOUBLE_EQ(value_of(give_flows(node), "epe"), 2);
  EXPECT_NEAR(node.tensor("within_1px").item<double>(), 1.0 / 3, 1e-12);
  EXPECT_NEAR(node.tensor("within_3px").item<double>(), 2.0 / 3, 1e-12);
  EXPECT_EQ(node.tensor("within_5px").item<double>(), 1);
  EXPECT_NEAR(node.tensor("fl").item<double>(), 100.0 / 3, 1e-10);
  EXPECT_EQ(node.tensor("pixels").item<double>(), 3);
}

TEST(MetricFlowError, LeavesUnknownPixelsOut) {
  NodeRunner node("metric.flow_error");
  give_flows(node).input("mask", map_of({{1, 0, 0}}));
  EXPECT_DOUBLE_EQ(value_of(node, "epe"), 2);
  EXPECT_EQ(node.tensor("pixels").item<double>(), 1);
  give_flows(node.clear_inputs()).input("mask", map_of({{0, 0, 0}}));
  EXPECT_EQ(value_of(node, "epe"), 0);
  EXPECT_EQ(node.tensor("pixels").item<double>(), 0);
}

/// People of 18 joints on a diagonal 0, 10, … 170, all visible: [people, 18, 3].
at::Tensor diagonal(int64_t people) {
  const at::Tensor along = at::arange(18, at::kFloat) * 10;
  return at::stack({along, along, at::full({18}, 1.0)}, 1).expand({people, 18, 3}).clone();
}

TEST(MetricPoseError, MeasuresJointsThatBothHave) {
  NodeRunner node("metric.pose_error");
  at::Tensor found = diagonal(1);
  found[0][0][0] += 9;   // within a tenth of 170 pixels
  found[0][1][1] += 45;  // outside
  found[0][2].zero_();   // missing
  node.input("keypoints", found).input("target", diagonal(1));
  EXPECT_NEAR(value_of(node, "error"), (9 + 45) / 17.0, 1e-6);
  EXPECT_NEAR(node.tensor("relative").item<double>(), (9 + 45) / 17.0 / 170, 1e-8);
  EXPECT_NEAR(node.tensor("pck").item<double>(), 16.0 / 18, 1e-12);
  EXPECT_NEAR(node.tensor("recall").item<double>(), 17.0 / 18, 1e-12);
  EXPECT_EQ(node.tensor("joints").item<double>(), 18);
  const double area = 170.0 * 170, nose = std::exp(-81 / (2 * area * 4 * 0.026 * 0.026)),
               neck = std::exp(-45.0 * 45 / (2 * area * 4 * 0.079 * 0.079));
  EXPECT_NEAR(node.tensor("oks").item<double>(), (nose + neck + 15) / 18, 1e-6);
}

TEST(MetricPoseError, OfNobodyIsZeroWithoutJoints) {
  NodeRunner node("metric.pose_error");
  node.input("keypoints", diagonal(1)).input("target", at::zeros({1, 18, 3}));
  EXPECT_EQ(value_of(node, "error"), 0);
  EXPECT_EQ(node.tensor("joints").item<double>(), 0);
  EXPECT_EQ(node.tensor("oks").item<double>(), 0);
}

TEST(MetricPoseError, RefusesJointsWithoutSigmas) {
  NodeRunner node("metric.pose_error");
  node.input("keypoints", at::zeros({1, 21, 3})).input("target", at::zeros({1, 21, 3}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "metric.pose_error has 0 sigmas for 21 joints\n  give one for each joint in `sigmas`, or use "
            "metric.keypoint_error");
}

TEST(MetricKeypointError, IsInPixelsOrInUnitsOfTwoLandmarks) {
  NodeRunner pixels("metric.keypoint_error"), pair("metric.keypoint_error");
  at::Tensor found = diagonal(1);
  found.select(2, 0) += 3;
  EXPECT_NEAR(value_of(pixels.input("keypoints", found).input("target", diagonal(1))), 3, 1e-6);
  pair.set("unit", "pair")
      .set("pair", std::vector<int64_t>{0, 3})
      .input("keypoints", found)
      .input("target", diagonal(1));
  EXPECT_NEAR(value_of(pair), 3 / (30 * std::sqrt(2.0)), 1e-7);
  EXPECT_EQ(pair.tensor("points").item<double>(), 18);
}

TEST(MetricKeypointError, RefusesALandmarkThatIsNotThere) {
  NodeRunner node("metric.keypoint_error");
  node.set("unit", "pair").input("keypoints", diagonal(1)).input("target", diagonal(1));
  EXPECT_EQ(error_text([&] { node.run(); }), "`pair` names landmark 45, but there are 18, counted from 0");
}

TEST(MetricDrift, IsTheSlopeOfTheLineOfLeastSquares) {
  NodeRunner node("metric.drift");
  EXPECT_EQ(value_of(node.input("value", at::scalar_tensor(3.0)), "slope"), 0);
  node.input("value", at::scalar_tensor(5.0)).run();
  // Through 3, 5 and 4: 0.5 a frame.
  EXPECT_NEAR(value_of(node.input("value", at::scalar_tensor(4.0)), "slope"), 50, 1e-12);
  EXPECT_NEAR(node.tensor("change").item<double>(), 1, 1e-12);
}

TEST(MetricDiversity, AveragesAllPairs) {
  NodeRunner node("metric.diversity");
  node.set("measure", "l1");
  for (const double level : {0.0, 0.2, 0.6}) node.input("image", at::full({1, 3, 4, 4}, level));
  // Halves of 0.2, 0.6 and 0.4.
  EXPECT_NEAR(value_of(node), (0.1 + 0.3 + 0.2) / 3, 1e-7);
}

TEST(MetricDiversity, RefusesOneImage) {
  NodeRunner node("metric.diversity");
  node.input("image", at::zeros({1, 3, 4, 4}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "metric.diversity compares pairs, but there is one image\n  wire the images of two or more styles: image = "
            "[\"a\", \"b\"]");
}

TEST(MetricLpips, IsZeroForEqualImagesAndRefusesSmallOnes) {
  NodeRunner node("metric.lpips");
  const at::Tensor image = weights::fill_input("image", {1, 3, 64, 64});
  node.input("a", image).input("b", image);
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(weights::fill(key, parameter->shape()));
  EXPECT_EQ(value_of(node), 0);
  NodeRunner small("metric.lpips");
  small.input("a", at::zeros({1, 3, 30, 64})).input("b", at::zeros({1, 3, 30, 64}));
  EXPECT_EQ(
      error_text([&] { small.run(); }),
      "LPIPS wants images of at least 31x31 pixels, but they have 30x64\n  use larger images, or net = \"vgg\", which "
      "wants 16x16");
}

TEST(MetricLpips, RefusesAFileWithoutLinearWeights) {
  NodeRunner node("metric.lpips");
  const std::string file = std::string(WEFT_SOURCE_DIR) + "/tests/plugins/metric/ssim_rgb_40x40_r2.safetensors";
  node.set("linear", file).input("a", at::zeros({1, 3, 64, 64})).input("b", at::zeros({1, 3, 64, 64}));
  EXPECT_EQ(error_text([&] { node.module(); }),
            file +
                ": has no tensor `lin0.model.1.weight`, which LPIPS needs\n  take alex.pth or vgg.pth of the folder "
                "weights/v0.1 of the package lpips");
}

/// Noise, and a pattern of single pixels on it.
at::Tensor patterned(double amplitude) {
  const at::Tensor cells = (at::arange(64).view({64, 1}) + at::arange(64)) % 2;
  return weights::fill_input("noise", {1, 3, 64, 64}) * 0.1 + (cells.to(at::kFloat) * 2 - 1) * amplitude;
}

TEST(MetricCheckerboard, FindsAPatternOfThatPeriodAlone) {
  NodeRunner plain("metric.checkerboard"), marked("metric.checkerboard"), beside("metric.checkerboard"),
      other("metric.checkerboard");
  const double none = value_of(plain.input("image", patterned(0)));
  const double found = value_of(marked.input("image", patterned(0.2)));
  EXPECT_LT(std::abs(none), 8);  // noise: single frequencies vary by some decibels
  EXPECT_GT(found, none + 8);    // one of three frequencies stands out by more than 30
  EXPECT_NEAR(value_of(beside.input("image", patterned(0.2)).input("reference", patterned(0))), found - none, 1e-9);
  EXPECT_LT(value_of(other.set("period", int64_t{3}).input("image", patterned(0.2))), 8);
}

TEST(MetricCheckerboard, RefusesSmallImages) {
  NodeRunner node("metric.checkerboard");
  EXPECT_EQ(error_text([&] {
              node.input("image", at::zeros({1, 3, 16, 64})).run();
            }),
            "metric.checkerboard with period = 2 and around = 4 wants images of at least 20x20 pixels\n  use a smaller "
            "`around`");
}

TEST(MetricFeatures, RefuseShortClips) {
  NodeRunner node("metric.i3d_features");
  node.input("clip", at::zeros({1, 8, 3, 16, 16}));
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(at::zeros(parameter->shape()));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "metric.i3d_features wants clips of at least 9 frames, but has 8\n  in = \"x[t-15..t]\" is a clip of 16");
}

}  // namespace
}  // namespace weft
