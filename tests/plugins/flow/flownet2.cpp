#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::Each;
using testing::error_text;
using ::testing::FloatNear;
using testing::NodeRunner;
using testing::values;

/// A network that says (1, 2) everywhere: all weights are 0 but the last bias.
void say_one_two(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors()) {
    at::Tensor value = at::zeros(parameter->shape());
    if (key == "flownetfusion.predict_flow0.bias") {
      value[0] = 1;
      value[1] = 2;
    }
    parameter->set(value);
  }
}

TEST(FlowNet2, HasTheParametersOfThePublishedNetwork) {
  NodeRunner node("flow.flownet2");
  int64_t count = 0;
  for (const auto& [key, parameter] : node.module().tensors()) count += parameter->count();
  EXPECT_EQ(count, 162518834);
}

TEST(FlowNet2, ScalesAFlowWithTheFramesThatWereResized) {
  NodeRunner node("flow.flownet2");
  node.input("current", at::zeros({1, 3, 96, 64})).input("previous", at::zeros({1, 3, 96, 64}));
  say_one_two(node);
  const at::Tensor flow = node.run().tensor("flow");
  ASSERT_EQ(flow.sizes(), (std::vector<int64_t>{1, 2, 96, 64}));
  // Computed at 64x64, so that rows are 1.5 times as far apart.
  EXPECT_THAT(values(flow.select(1, 0)), Each(FloatNear(1, 1e-6)));
  EXPECT_THAT(values(flow.select(1, 1)), Each(FloatNear(3, 1e-5)));
  EXPECT_THAT(values(node.tensor("confidence")), Each(1));
}

TEST(FlowNet2, MayScaleBothComponentsByTheHeights) {
  NodeRunner node("flow.flownet2");
  node.set("scale_by_height", true);
  node.input("current", at::zeros({1, 3, 96, 64})).input("previous", at::zeros({1, 3, 96, 64}));
  say_one_two(node);
  EXPECT_THAT(values(node.run().tensor("flow").select(1, 0)), Each(FloatNear(1.5F, 1e-5)));
}

TEST(FlowNet2, IsConfidentWhereTheWarpedFrameIsNear) {
  // The summed square of a difference of 0.08 in three channels is 0.0192, of 0.09 it is 0.0243.
  at::Tensor previous = at::full({1, 3, 64, 64}, 0.08);
  previous.slice(3, 32).fill_(-0.09);
  NodeRunner node("flow.flownet2");
  node.input("current", at::zeros({1, 3, 64, 64})).input("previous", previous);
  say_one_two(node);
  const at::Tensor confidence = node.run().tensor("confidence");
  EXPECT_THAT(values(confidence.slice(3, 0, 31)), Each(1));  // one pixel to the right lies the other half
  EXPECT_THAT(values(confidence.slice(3, 31)), Each(0));
}

TEST(FlowNet2, NothingLearnsThroughIt) {
  NodeRunner node("flow.flownet2");
  const at::Tensor current = at::zeros({1, 3, 64, 64}).requires_grad_();
  node.input("current", current).input("previous", current);
  say_one_two(node);
  EXPECT_FALSE(node.run().tensor("flow").requires_grad());
  EXPECT_TRUE(node.spec().stops_gradients);
}

TEST(FlowNet2, RefusesFramesThatAreTooSmall) {
  NodeRunner node("flow.flownet2");
  node.input("current", at::zeros({1, 3, 32, 128})).input("previous", at::zeros({1, 3, 32, 128}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "flow.flownet2 wants frames of at least 64x64 pixels, but got [1, 3, 32, 128]\n  enlarge the frames with "
            "image.resize first, and the flow afterwards");
}

}  // namespace
}  // namespace weft
