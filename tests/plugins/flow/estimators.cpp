#include "framework/plugin/plugins.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"
#include "plugins/flow/raft.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::Each;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

bool has(const std::string& type) {
  return NodeRunner::built_plugins().find(type) != nullptr;
}

/// A smooth random image, and the same four pixels further to the right: its flow back to the first is (-4, 0).
struct Moved {
  at::Tensor previous, current;

  explicit Moved(int64_t height, int64_t width) {
    const at::Tensor coarse = weights::fill_input("texture", {1, 3, height / 8, width / 8 + 1});
    const at::Tensor wide = at::upsample_bicubic2d(coarse, {height, width + 8}, false).clamp(-1, 1);
    previous = wide.narrow(3, 4, width).contiguous();
    current = wide.narrow(3, 0, width).contiguous();
  }
};

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(weights::fill(key, parameter->shape()));
}

TEST(Raft, HasTheParametersOfThePublishedNetworks) {
  for (const auto& [type, parameters, entries] :
       {std::tuple{"flow.raft_large", 5257536, 169U}, std::tuple{"flow.raft_small", 990162, 106U}}) {
    NodeRunner node(type);
    int64_t count = 0;
    for (const auto& [key, parameter] : node.module().tensors()) {
      if (parameter->role() == nn::Parameter::Role::Learnt) count += parameter->count();
    }
    EXPECT_EQ(count, parameters) << type;
    EXPECT_EQ(node.module().tensors().size(), entries) << type;
  }
}

TEST(Raft, TakesFramesOfAnySize) {
  NodeRunner node("flow.raft_small");
  node.set("updates", int64_t{1});
  node.input("current", at::zeros({2, 3, 131, 141})).input("previous", at::zeros({2, 3, 131, 141}));
  fill(node);
  node.run();
  EXPECT_EQ(node.tensor("flow").sizes(), (std::vector<int64_t>{2, 2, 131, 141}));
  EXPECT_EQ(node.tensor("confidence").sizes(), (std::vector<int64_t>{2, 1, 131, 141}));
  EXPECT_FALSE(node.tensor("flow").requires_grad());
}

TEST(Raft, RefusesFramesThatAreTooSmall) {
  NodeRunner node("flow.raft_large");
  node.input("current", at::zeros({1, 3, 64, 256})).input("previous", at::zeros({1, 3, 64, 256}));
  EXPECT_THAT(
      error_text([&] { node.run(); }),
      ::testing::HasSubstr("RAFT wants frames of at least 128x128 pixels, but got [1, 3, 64, 256]\n  enlarge the "
                           "frames with image.resize first, and the flow afterwards"));
}

TEST(RaftCorrelation, KernelAndCompositionAgree) {
  const at::Tensor a = weights::fill_input("a", {2, 8, 17, 19}), b = weights::fill_input("b", {2, 8, 17, 19});
  const flow::CorrelationPyramid pyramid(a, b);
  // Some positions are far outside of the map.
  const at::Tensor positions = flow::pixel_positions(a) + weights::fill_input("jitter", {2, 2, 17, 19}) * 30;
  for (const int64_t radius : {3, 4}) {
    const at::Tensor difference = pyramid.look_up(positions, radius) - pyramid.look_up_composed(positions, radius);
    EXPECT_LT(difference.abs().max().item<double>(), 1e-4);  // the composition rounds positions in [-1, 1]
  }
}

TEST(RaftCorrelation, OfAWholePositionIsTheProductOfTwoPixels) {
  const at::Tensor a = weights::fill_input("a", {1, 4, 16, 16}), b = weights::fill_input("b", {1, 4, 16, 16});
  const at::Tensor found = flow::CorrelationPyramid(a, b).look_up(flow::pixel_positions(a), 3);
  // One pixel to the right (the slow index), two up (the fast one): channel (1 + 3) 7 + (-2 + 3).
  const double expected = (a[0].select(1, 8).select(1, 8) * b[0].select(1, 6).select(1, 9)).sum().item<double>() / 2;
  EXPECT_NEAR(found[0][29][8][8].item<double>(), expected, 1e-6);
}

class Classic : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!has(GetParam())) GTEST_SKIP() << "this build has no OpenCV";
  }
};

TEST_P(Classic, FindsAMotionOfFourPixels) {
  const Moved pair(96, 128);
  NodeRunner node(GetParam());
  node.input("current", pair.current).input("previous", pair.previous).run();
  const at::Tensor inner = node.tensor("flow").slice(2, 16, 80).slice(3, 16, 112);
  // `current` at x is `previous` at x - 4.
  EXPECT_NEAR(inner.select(1, 0).mean().item<double>(), -4, 0.2);
  EXPECT_NEAR(inner.select(1, 1).mean().item<double>(), 0, 0.1);
  EXPECT_GT(node.tensor("confidence").mean().item<double>(), 0.8);
}

TEST_P(Classic, RefusesFramesThatAreTooSmall) {
  NodeRunner node(GetParam());
  node.input("current", at::zeros({1, 3, 8, 64})).input("previous", at::zeros({1, 3, 8, 64}));
  EXPECT_THAT(error_text([&] { node.run(); }),
              ::testing::HasSubstr("wants frames of at least 16x16 pixels, but got [1, 3, 8, 64]"));
}

INSTANTIATE_TEST_SUITE_P(Flow, Classic, ::testing::Values("flow.dis", "flow.farneback"));

}  // namespace
}  // namespace weft
