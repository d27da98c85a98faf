#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using testing::error_text;
using testing::ids_of;
using testing::map_of;
using testing::NodeRunner;

double value_of(NodeRunner& node, const char* output = "value") {
  return node.run().tensor(output).item<double>();
}

/// Values grow by 0.25 a column, [1, 3, 2, 4].
at::Tensor ramp() {
  return (at::arange(4, at::kFloat) * 0.25).view({1, 1, 1, 4}).expand({1, 3, 2, 4}).contiguous();
}

at::Tensor rightward_flow() {
  return at::stack({at::full({1, 2, 4}, 1.0), at::zeros({1, 2, 4})}, 1);
}

TEST(MetricWarpError, IsTheMeanSquareWhereTheMaskIsOne) {
  NodeRunner node("metric.warp_error");
  node.input("image", ramp()).input("previous", ramp()).input("flow", rightward_flow());
  // Three of four columns see a neighbour that is 0.25 of 2 brighter; the last one repeats.
  EXPECT_NEAR(value_of(node), 0.75 * 0.125 * 0.125, 1e-7);
  node.input("mask", map_of({{1, 0, 0, 0}, {1, 0, 0, 1}}));
  EXPECT_NEAR(value_of(node), 2.0 / 3 * 0.125 * 0.125, 1e-7);
}

TEST(MetricWarpError, MayAverageAbsoluteDifferences) {
  NodeRunner node("metric.warp_error");
  node.set("measure", "absolute").input("image", ramp()).input("previous", ramp()).input("flow", rightward_flow());
  EXPECT_NEAR(value_of(node), 0.75 * 0.125, 1e-7);
}

TEST(MetricWarpError, IsZeroWhereNothingIsSeen) {
  NodeRunner node("metric.warp_error");
  node.input("image", ramp()).input("previous", -ramp()).input("flow", rightward_flow());
  EXPECT_EQ(value_of(node.input("mask", at::zeros({1, 1, 2, 4}))), 0);
}

TEST(MetricWarpError, RefusesAFlowOfAnotherSize) {
  NodeRunner node("metric.warp_error");
  node.input("image", ramp()).input("previous", ramp()).input("flow", at::zeros({1, 2, 2, 3}));
  EXPECT_EQ(error_text([&] { node.run(); }), "input `flow` wants flow[B,2,H,W], but W is 4 elsewhere and 3 here");
}

TEST(MetricFlicker, IsTheMeanChangeInUnitsOfTheRange) {
  NodeRunner node("metric.flicker");
  node.input("image", at::full({1, 3, 2, 2}, 0.5)).input("previous", at::full({1, 3, 2, 2}, -0.5));
  EXPECT_NEAR(value_of(node), 0.5, 1e-7);
  node.input("mask", at::zeros({1, 1, 2, 2}));
  EXPECT_EQ(value_of(node), 0);
}

TEST(MetricFlicker, BlurTakesFineDetailAwayAndLeavesChangesOfColour) {
  // A chequerboard that turns over, beside a change of all pixels: both 1 of a range of 2.
  const at::Tensor cells = (at::arange(32).view({32, 1}) + at::arange(32)) % 2;
  const at::Tensor board = (cells.to(at::kFloat) - 0.5).expand({1, 3, 32, 32});
  NodeRunner plain("metric.flicker"), fine("metric.flicker"), colour("metric.flicker");
  EXPECT_NEAR(value_of(plain.input("image", board).input("previous", -board)), 0.5, 1e-6);
  EXPECT_LT(value_of(fine.set("blur", 2.0).input("image", board).input("previous", -board)), 0.02);
  EXPECT_NEAR(value_of(colour.set("blur", 2.0).input("image", board + 1).input("previous", board)), 0.5, 1e-6);
}

TEST(MetricMean, AveragesTheSequenceSoFarAndBeginsAnew) {
  NodeRunner node("metric.mean");
  EXPECT_EQ(value_of(node.input("value", at::scalar_tensor(2.0)), "mean"), 2);
  EXPECT_EQ(value_of(node.input("value", at::scalar_tensor(5.0)), "mean"), 3.5);
  EXPECT_EQ(node.tensor("frames").item<int64_t>(), 2);
  node.node().reset();
  EXPECT_EQ(value_of(node.input("value", at::scalar_tensor(7.0)), "mean"), 7);
}

TEST(MetricMean, GoesOnFromASavedState) {
  NodeRunner node("metric.mean"), resumed("metric.mean");
  node.input("value", at::scalar_tensor(2.0)).run();
  Archive saved;
  node.node().state(saved);
  Archive restored(saved.entries());
  resumed.node().state(restored);
  EXPECT_EQ(value_of(resumed.input("value", at::scalar_tensor(5.0)), "mean"), 3.5);
}

/// Left half red, right half blue, as instances 1000 and 2001 or with one of them as a class.
at::Tensor two_colours(float red, float blue) {
  at::Tensor image = at::full({1, 3, 2, 4}, -1.0);
  image[0][0].slice(1, 0, 2).fill_(red);
  image[0][2].slice(1, 2, 4).fill_(blue);
  return image;
}

NodeRunner& show(NodeRunner& node, float red, float blue) {
  return node.input("image", two_colours(red, blue))
      .input("instances", ids_of({{1000, 1000, 2001, 2001}, {1000, 1000, 2001, 2001}}));
}

TEST(MetricColourConstancy, ComparesWithTheFirstColourOfEachInstance) {
  NodeRunner node("metric.colour_constancy");
  node.set("least_pixels", int64_t{4});
  EXPECT_EQ(value_of(show(node, 1, 1)), 0);
  EXPECT_EQ(node.tensor("instances").item<int64_t>(), 0);
  // Red falls by 0.5 of 1, blue stays: the mean of two instances.
  EXPECT_NEAR(value_of(show(node, 0, 1)), 0.25, 1e-7);
  EXPECT_EQ(node.tensor("instances").item<int64_t>(), 2);
  EXPECT_NEAR(value_of(show(node, 1, 1)), 0, 1e-7);
  node.node().reset();
  EXPECT_EQ(value_of(show(node, -1, -1)), 0);
}

TEST(MetricColourConstancy, LeavesClassesAndSmallInstancesOut) {
  NodeRunner classes("metric.colour_constancy"), small("metric.colour_constancy");
  classes.set("first_id", int64_t{2000}).set("least_pixels", int64_t{1});
  show(classes, 1, 1).run();
  EXPECT_EQ(value_of(show(classes, 0, 1)), 0);
  EXPECT_EQ(classes.tensor("instances").item<int64_t>(), 1);
  small.set("least_pixels", int64_t{5});
  show(small, 1, 1).run();
  show(small, 0, 1).run();
  EXPECT_EQ(small.tensor("instances").item<int64_t>(), 0);
}

TEST(MetricColourConstancy, GoesOnFromASavedState) {
  NodeRunner node("metric.colour_constancy"), resumed("metric.colour_constancy");
  node.set("least_pixels", int64_t{4});
  resumed.set("least_pixels", int64_t{4});
  show(node, 1, 1).run();
  Archive saved;
  node.node().state(saved);
  Archive restored(saved.entries());
  resumed.node().state(restored);
  EXPECT_NEAR(value_of(show(resumed, 0, 1)), 0.25, 1e-7);
}

TEST(MetricColourConstancy, RefusesInstancesOfAnotherSize) {
  NodeRunner node("metric.colour_constancy");
  node.input("image", two_colours(0, 0)).input("instances", ids_of({{1, 1}}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "input `instances` wants instances[B,1,H,W], but H is 2 elsewhere and 1 here");
}

}  // namespace
}  // namespace weft
