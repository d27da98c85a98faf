#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace weft {
namespace {

using testing::NodeRunner;

struct Action {
  double speed = 0, steering = 0;
};

NodeRunner& with(NodeRunner& node, const Action& action) {
  return node.input("speed", at::scalar_tensor(action.speed)).input("steering", at::scalar_tensor(action.steering));
}

at::Tensor driven(const at::Tensor& per_metre, const Action& action) {
  NodeRunner node("prediction.driven_flow");
  return with(node, action).input("per_metre", per_metre).run().tensor("flow");
}

at::Tensor per_metre(const at::Tensor& flow, const Action& action, const at::Tensor& before) {
  NodeRunner node("prediction.flow_per_metre");
  return with(node, action).input("flow", flow).input("before", before).run().tensor("per_metre");
}

/// A camera that turns to the left sees what was to the left of it: what is ahead now was as far to the left as it turned.
TEST(DrivenFlow, TurnsByTheAngle) {
  const at::Tensor flow = driven(at::zeros({2, 2, 5, 65}), {0.5, 0.2});
  ASSERT_EQ(flow.sizes(), at::IntArrayRef({2, 2, 5, 65}));
  const double focal = 65 / (2 * std::tan(30 * std::numbers::pi / 180));
  EXPECT_NEAR(flow[1][0][2][32].item<double>(), -focal * std::tan(0.1), 1e-4);
  EXPECT_NEAR(flow[1][1][2][32].item<double>(), 0, 1e-2);
  // What is as far to the right now as the camera turned was ahead before.
  const double pixels = focal * std::tan(0.1);
  const at::Tensor x = at::arange(65, at::kFloat) - 32;
  const at::Tensor before = x + flow[0][0][2];
  const auto right = static_cast<int64_t>(std::lround(pixels));
  EXPECT_NEAR(before[32 + right].item<double>(), static_cast<double>(right) - pixels, 0.1);
}

/// How fast a wall across the street moves for each metre, `distance` metres ahead: away from the horizon's middle.
at::Tensor wall(double distance) {
  const at::Tensor x = at::arange(32, at::kFloat) - 15.5, y = at::arange(20, at::kFloat) - (0.475 * 20 - 0.5);
  return -at::stack({x.expand({20, 32}), y.unsqueeze(1).expand({20, 32})}).unsqueeze(0) / distance;  // [1, 2, 20, 32]
}

/// Without a border of 3 pixels, to which flow leads from outside of the frame.
double difference(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).narrow(2, 3, 14).narrow(3, 3, 26).abs().max().item<double>();
}

/// Of a wall 10 m ahead each pixel comes, after 2 m, from 8/10 of its distance to the horizon's middle.
TEST(DrivenFlow, OfAWallGrowsAsItComesNear) {
  EXPECT_LT(difference(driven(wall(10), {2, 0}), 2 * wall(10)), 0.02);
  EXPECT_LT(difference(driven(wall(10), {-2, 0}), -2 * wall(10)), 0.02) << "backwards";
}

TEST(FlowPerMetre, OfAWallSaysHowFarItIsNow) {
  NodeRunner node("prediction.flow_per_metre");
  node.set("least", 1e-4).input("flow", 2 * wall(10)).input("before", at::zeros({1, 2, 20, 32}));
  EXPECT_LT(difference(with(node, {2, 0}).run().tensor("per_metre"), wall(8)), 0.03);
}

/// However long the drive into a wall, and however near it is.
TEST(DrivenFlow, StaysBounded) {
  at::Tensor rate = wall(3);
  for (int step = 0; step < 100; ++step) {
    const at::Tensor flow = driven(rate, {0.5, 0.05});
    rate = per_metre(flow, {0.5, 0.05}, rate);
    ASSERT_LT(flow.abs().max().item<double>(), 64) << step;
  }
}

TEST(FlowPerMetre, OfOneWhoStandsIsWhatItWas) {
  EXPECT_TRUE(per_metre(at::zeros({1, 2, 20, 32}), {0, 0.5}, wall(10)).allclose(wall(10)));
}

/// What was known moves with the pixels.
TEST(FlowPerMetre, KeepsWhatIsKnownWhereItHasGone) {
  at::Tensor before = at::zeros({1, 2, 1, 4});
  before.select(3, 1).fill_(2);
  at::Tensor flow = at::zeros({1, 2, 1, 4});
  flow.select(1, 0).fill_(-1);
  const at::Tensor kept = per_metre(flow, {0, 0}, before);
  EXPECT_NEAR(kept[0][0][0][2].item<float>(), 2, 1e-5);
  EXPECT_NEAR(kept[0][0][0][1].item<float>(), 0, 1e-5);
}

TEST(FlowPerMetre, CountsHalfAtTheLeastSpeed) {
  NodeRunner node("prediction.flow_per_metre");
  node.set("least", 0.2).input("flow", 0.2 * wall(10)).input("before", at::zeros({1, 2, 20, 32}));
  EXPECT_LT(difference(with(node, {0.2, 0}).run().tensor("per_metre"), wall(10) / 2), 0.02);
}

TEST(DrivenFlow, StaysFiniteHoweverFarItTurns) {
  for (const double steering : {-3.0, -1.5, 1.5, 3.0}) {
    const at::Tensor flow = driven(at::zeros({1, 2, 4, 8}), {1, steering});
    EXPECT_TRUE(flow.isfinite().all().item<bool>()) << steering;
  }
}

/// Where nothing moves, values are read where they are, and nothing comes nearer.
TEST(DrivenFlow, HasAGradientThroughItsValues) {
  const at::Tensor rate = at::zeros({1, 2, 20, 32}).requires_grad_();
  driven(rate, {0.5, 0}).sum().backward();
  EXPECT_TRUE(rate.grad().allclose(at::full({1, 2, 20, 32}, 0.5)));
  const at::Tensor flow = at::zeros({1, 2, 20, 32}).requires_grad_();
  per_metre(flow, {0.5, 0}, at::zeros({1, 2, 20, 32})).sum().backward();
  EXPECT_TRUE(flow.grad().allclose(at::full({1, 2, 20, 32}, 0.5 / (0.25 + 0.0025))));
}

/// Against the exact flow of a street on which nobody drives.
TEST(DrivenFlow, IsThatOfAStreetThatIsDriven) {
  NodeRunner street("world.steered_street");
  street.set("size", std::vector<int64_t>{64, 128}).set("traffic", false).set("seed", int64_t{3});
  const auto drive = [&](const Action& action) {
    street.clear_inputs();
    with(street, action).run();
    return std::pair(street.tensor("flow").clone(), 1 - street.tensor("occlusion"));
  };
  const Action straight = {0.2, 0}, left = {0.35, 0.1}, slow = {0.1, -0.2};
  drive(straight);
  at::Tensor flow = drive(straight).first;
  Action before = straight;
  for (const Action& action : {left, slow}) {
    const at::Tensor predicted = driven(per_metre(flow, before, at::zeros_like(flow)), action);
    const auto [exact, now_visible] = drive(action);
    const auto error = [&](const at::Tensor& guess) {
      return (((guess - exact).norm(2, 1, true) * now_visible).sum() / now_visible.sum()).item<double>();
    };
    EXPECT_LT(error(predicted), 0.35);
    EXPECT_GT(error(flow), 2) << "the flow before is far from it";
    flow = exact, before = action;
  }
}

}  // namespace
}  // namespace weft
