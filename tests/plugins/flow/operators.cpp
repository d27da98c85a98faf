#include "plugins/flow/operators.h"

#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "tests/plugins/flow/operators.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>

namespace weft {
namespace {

using testing::channel_norm;
using testing::correlation;
using ::testing::ElementsAre;
using testing::error_text;
using testing::map_of;
using testing::named_numbers;
using testing::NodeRunner;
using testing::Operator;
using testing::resample;
using testing::values;

/// A weighted sum of the outputs: its gradients are those of every output at once.
double sum_of(const Operator& op, const std::map<std::string, at::Tensor>& inputs) {
  const at::Tensor out = op.run(inputs);
  return (out * named_numbers("weights", out.sizes())).sum().item<double>();
}

/// Compares each number of each input's gradient with a difference of two sums.
void expect_gradients_of_differences(const Operator& op) {
  std::map<std::string, at::Tensor> variables;
  for (const auto& [name, value] : op.inputs) variables[name] = value.clone().requires_grad_();
  const at::Tensor out = op.run(variables);
  ASSERT_EQ(out.scalar_type(), at::kDouble);
  (out * named_numbers("weights", out.sizes())).sum().backward();
  const double step = 1e-6;
  for (const auto& [name, value] : op.inputs) {
    for (int64_t i = 0; i < value.numel(); ++i) {
      const auto shifted = [&](double by) {
        std::map<std::string, at::Tensor> inputs = op.inputs;
        inputs[name] = value.clone();
        inputs[name].view(-1)[i].add_(by);
        return sum_of(op, inputs);
      };
      const double difference = (shifted(step) - shifted(-step)) / (2 * step);
      // Sums of about 100 round at 1e-14, over 2e-6.
      ASSERT_NEAR(variables[name].grad().view(-1)[i].item<double>(), difference, 1e-7) << name << ' ' << i;
    }
  }
}

TEST(FlowOperators, CorrelationHasTheGradientsOfDifferences) {
  expect_gradients_of_differences(correlation());
}
TEST(FlowOperators, ResampleHasTheGradientsOfDifferences) {
  expect_gradients_of_differences(resample());
}
TEST(FlowOperators, ChannelNormHasTheGradientsOfDifferences) {
  expect_gradients_of_differences(channel_norm());
}

using Inputs = std::map<std::string, at::Tensor>;

/// Outputs and gradients of an operator and of the form of it that is composed of LibTorch's operations.
void expect_the_same_composed(const Operator& op, const std::function<at::Tensor(const Inputs&)>& composed) {
  Inputs one, other;
  for (const auto& [name, value] : op.inputs) {
    one[name] = value.clone().requires_grad_();
    other[name] = value.clone().requires_grad_();
  }
  const at::Tensor of_kernel = op.run(one), of_composed = composed(other);
  ASSERT_EQ(of_kernel.sizes(), of_composed.sizes());
  const at::Tensor weights = named_numbers("weights", of_kernel.sizes());
  (of_kernel * weights).sum().backward();
  (of_composed * weights).sum().backward();
  const double bound = 1e-12;  // another order of sums of about 40 numbers
  EXPECT_LE((of_kernel - of_composed).abs().max().item<double>(), bound);
  for (const auto& [name, value] : one)
    EXPECT_LE((value.grad() - other[name].grad()).abs().max().item<double>(), bound) << name;
}

TEST(FlowOperatorsComposed, CorrelationIsTheSame) {
  expect_the_same_composed(correlation(),
                           [](const Inputs& in) { return flow::correlation_composed(in.at("a"), in.at("b"), 5, 2); });
}
TEST(FlowOperatorsComposed, ResampleIsTheSame) {
  expect_the_same_composed(resample(),
                           [](const Inputs& in) { return flow::resample_composed(in.at("image"), in.at("flow")); });
}
TEST(FlowOperatorsComposed, ResampleLetsAFlowThatIsNoNumberHarmItsPixelOnly) {
  const at::Tensor flow = at::zeros({1, 2, 1, 3});
  flow[0][0][0][1] = std::numeric_limits<float>::quiet_NaN();
  flow[0][0][0][2] = 1e30F;
  const auto sampled = values(flow::resample_composed(map_of({{1, 2, 3}}), flow));
  EXPECT_EQ(sampled[0], 1);
  EXPECT_TRUE(std::isnan(sampled[1]));
  EXPECT_EQ(sampled[2], 3);
}

TEST(FlowCorrelation, TheVerticalDisplacementIsTheSlowOne) {
  NodeRunner node("flow.correlation");
  const at::Tensor a = map_of({{0, 0, 0}, {0, 2, 0}, {0, 0, 0}}), b = map_of({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
  node.set("reach", int64_t{1}).set("step", int64_t{1}).input("a", a).input("b", b);
  EXPECT_THAT(values(node.run().tensor("volume").select(2, 1).select(2, 1)),
              ElementsAre(2, 4, 6, 8, 10, 12, 14, 16, 18));
}

TEST(FlowCorrelation, OutsideThereAreZerosAndChannelsAreAveraged) {
  NodeRunner node("flow.correlation");
  const at::Tensor a = at::full({1, 4, 1, 2}, 3.0), b = at::full({1, 4, 1, 2}, 5.0);
  node.set("reach", int64_t{2}).set("step", int64_t{2}).input("a", a).input("b", b);
  const at::Tensor volume = node.run().tensor("volume");
  EXPECT_EQ(volume.sizes(), (std::vector<int64_t>{1, 9, 1, 2}));
  EXPECT_EQ(volume[0][4][0][0].item<float>(), 15);
  EXPECT_EQ(volume.sum().item<float>(), 30);  // two pixels away there is nothing
}

TEST(FlowCorrelation, RefusesMapsOfTwoSizes) {
  NodeRunner node("flow.correlation");
  node.input("a", at::zeros({1, 3, 4, 4})).input("b", at::zeros({1, 3, 4, 5}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `b` wants feature[B,C,H,W], but W is 4 elsewhere and 5 here");
}

at::Tensor resampled(const at::Tensor& image, double x, double y) {
  const at::Tensor flow = at::stack({at::full({1, image.size(2), image.size(3)}, x, at::kFloat),
                                     at::full({1, image.size(2), image.size(3)}, y, at::kFloat)},
                                    1);
  return NodeRunner("flow.resample").input("image", image).input("flow", flow).run().tensor("sampled");
}

TEST(FlowResample, CopiesWholePixelsExactlyAndRepeatsTheBorder) {
  EXPECT_THAT(values(resampled(map_of({{0.1F, 0.2F, 0.3F}, {0.4F, 0.5F, 0.6F}}), 1, -1)),
              ElementsAre(0.2F, 0.3F, 0.3F, 0.2F, 0.3F, 0.3F));
}

TEST(FlowResample, ReadsBetweenPixelsLinearly) {
  EXPECT_THAT(values(resampled(map_of({{0, 4}, {8, 16}}), 0.5, 0.25)), ElementsAre(4.5F, 7, 12, 16));
}

TEST(FlowResample, AFlowThatIsNoNumberHarmsItsPixelOnly) {
  const at::Tensor flow = at::zeros({1, 2, 1, 3});
  flow[0][0][0][1] = std::numeric_limits<float>::quiet_NaN();
  NodeRunner node("flow.resample");
  const auto sampled = values(node.input("image", map_of({{1, 2, 3}})).input("flow", flow).run().tensor("sampled"));
  EXPECT_EQ(sampled[0], 1);
  EXPECT_TRUE(std::isnan(sampled[1]));
  EXPECT_EQ(sampled[2], 3);
}

TEST(FlowResample, RefusesAFlowOfAnotherSize) {
  NodeRunner node("flow.resample");
  node.input("image", at::zeros({1, 3, 4, 4})).input("flow", at::zeros({1, 2, 3, 4}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `flow` wants flow[B,2,H,W], but H is 4 elsewhere and 3 here");
}

at::Tensor visible(const at::Tensor& flow, const at::Tensor& back) {
  return NodeRunner("flow.visible").input("flow", flow).input("back", back).run().tensor("visible");
}

TEST(FlowVisible, IsWhereTheFlowBackReturns) {
  at::Tensor flow = at::zeros({1, 2, 1, 5}), back = at::zeros({1, 2, 1, 5});
  flow.select(1, 0).fill_(1);
  back.select(1, 0).fill_(-1);
  EXPECT_THAT(values(visible(flow, back)), ::testing::Each(1));
  back[0][0][0][3] = 1;  // pixel 2 does not come back from where it went
  EXPECT_THAT(values(visible(flow, back)), ElementsAre(1, 1, 0, 1, 1));
}

TEST(FlowVisible, BordersOfMotionMayCountAsHidden) {
  const at::Tensor flow = at::zeros({1, 2, 1, 4}), back = at::zeros({1, 2, 1, 4});
  flow[0][1][0][2] = 0.1;  // small enough to come back, with a step of 0.1 on both sides: 0.01 is more than 0.002
  EXPECT_THAT(values(visible(flow, back)), ElementsAre(1, 0, 0, 1));
  NodeRunner node("flow.visible");
  node.set("boundaries", false).input("flow", flow).input("back", back);
  EXPECT_THAT(values(node.run().tensor("visible")), ::testing::Each(1));
}

TEST(FlowVisible, RefusesAFlowBackOfAnotherSize) {
  NodeRunner node("flow.visible");
  node.input("flow", at::zeros({1, 2, 4, 4})).input("back", at::zeros({1, 2, 4, 5}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `back` wants flow[B,2,H,W], but W is 4 elsewhere and 5 here");
}

TEST(FlowChannelNorm, IsTheLengthAndHasNoGradientAtZero) {
  const at::Tensor x = at::zeros({1, 2, 1, 2});
  x[0][0][0][0] = 3;
  x[0][1][0][0] = 4;
  x.requires_grad_();
  NodeRunner node("flow.channel_norm");
  const at::Tensor length = node.input("in", x).run().tensor("length");
  EXPECT_THAT(values(length), ElementsAre(5, 0));
  length.sum().backward();
  EXPECT_THAT(values(x.grad()), ElementsAre(::testing::FloatEq(0.6F), 0, ::testing::FloatEq(0.8F), 0));
}

}  // namespace
}  // namespace weft
