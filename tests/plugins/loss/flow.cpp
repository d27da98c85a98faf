#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::map_of;
using testing::NodeRunner;

at::Tensor constant_flow(double x, double y, int64_t height, int64_t width) {
  return at::stack({at::full({1, height, width}, x), at::full({1, height, width}, y)}, 1);
}

/// An image whose values grow by 1 a column, [1, 3, 2, 4].
at::Tensor ramp() {
  return at::arange(4, at::kFloat).view({1, 1, 1, 4}).expand({1, 3, 2, 4}).contiguous();
}

float value_of(NodeRunner& node) {
  return node.run().tensor("value").item<float>();
}

/// Counts the left half of 2x4 pixels.
at::Tensor left_half() {
  return map_of({{1, 1, 0, 0}, {1, 1, 0, 0}});
}

TEST(LossFlowEndpoint, IsTheMeanOverBothComponents) {
  NodeRunner node("loss.flow_endpoint");
  node.input("flow", constant_flow(3, 1, 2, 4)).input("reference", constant_flow(1, 0, 2, 4));
  EXPECT_FLOAT_EQ(value_of(node), (2 + 1) / 2.0F);
}

TEST(LossFlowEndpoint, PixelsWithoutConfidenceCountAsRight) {
  NodeRunner node("loss.flow_endpoint");
  node.input("flow", constant_flow(3, 1, 2, 4)).input("reference", constant_flow(1, 0, 2, 4));
  node.input("confidence", left_half());
  EXPECT_FLOAT_EQ(value_of(node), 0.75F);  // half of the pixels, over all of them
}

TEST(LossFlowEndpoint, RefusesAReferenceOfAnotherSize) {
  NodeRunner node("loss.flow_endpoint");
  node.input("flow", constant_flow(0, 0, 2, 4)).input("reference", constant_flow(0, 0, 2, 3));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `reference` wants flow[B,2,H,W], but W is 4 elsewhere and 3 here");
}

TEST(LossWarpReal, MovesThePreviousFrameAlongThePredictedFlow) {
  NodeRunner node("loss.warp_real");
  node.input("previous", ramp()).input("image", ramp()).input("flow", constant_flow(1, 0, 2, 4));
  // Each pixel sees the one to its right, 1 brighter, but for the last column.
  EXPECT_NEAR(value_of(node), 0.75, 1e-5);
  node.input("confidence", left_half());
  EXPECT_NEAR(value_of(node), 0.5, 1e-5);
}

TEST(LossWarpReal, TheFlowLearns) {
  const at::Tensor flow = constant_flow(0.5, 0, 2, 4).requires_grad_();
  NodeRunner node("loss.warp_real");
  node.input("previous", ramp()).input("image", ramp()).input("flow", flow).run();
  node.tensor("value").backward();
  // The difference, 0.5 in the first three columns, grows with x as the ramp does: by 1 in 1/8 of the pixels' mean.
  EXPECT_NEAR(flow.grad()[0][0][0][1].item<float>(), 1.0 / 8, 1e-5);
  EXPECT_NEAR(flow.grad()[0][1][0][1].item<float>(), 0, 1e-6);
}

TEST(LossWarpFake, OnlyTheNewFrameLearns) {
  const at::Tensor image = (ramp() + 0.5).requires_grad_(), previous = ramp().requires_grad_();
  NodeRunner node("loss.warp_fake");
  node.input("image", image).input("previous", previous).input("flow", constant_flow(0, 0, 2, 4)).run();
  EXPECT_NEAR(node.tensor("value").item<float>(), 0.5, 1e-5);
  node.tensor("value").backward();
  EXPECT_FALSE(previous.grad().defined());
  EXPECT_NEAR(image.grad()[0][2][1][3].item<float>(), 1.0 / 24, 1e-6);
}

TEST(LossWarpFake, RefusesAFlowOfAnotherSize) {
  NodeRunner node("loss.warp_fake");
  node.input("image", ramp()).input("previous", ramp()).input("flow", constant_flow(0, 0, 1, 4));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `flow` wants flow[B,2,H,W], but H is 2 elsewhere and 1 here");
}

TEST(LossMask, IsTheMeanOfTheMaskWhereTheFlowIsTrusted) {
  NodeRunner node("loss.mask");
  node.input("mask", map_of({{1, 0.5, 1, 1}, {0, 0.5, 1, 1}}));
  EXPECT_FLOAT_EQ(value_of(node), 6 / 8.0F);
  node.input("confidence", left_half());
  EXPECT_FLOAT_EQ(value_of(node), 2 / 8.0F);
}

TEST(LossMask, RefusesAMaskOfTwoChannels) {
  NodeRunner node("loss.mask");
  node.input("mask", at::zeros({1, 2, 4, 4}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `mask` wants mask[B,1,H,W], but dimension 1 is 2");
}

}  // namespace
}  // namespace weft
