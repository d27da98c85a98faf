#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

/// A mask network whose answer is the same everywhere: all weights 0, and the last bias.
void set_mask(NodeRunner& node, double last_bias) {
  for (const auto& [key, parameter] : node.module().tensors()) {
    parameter->set(at::zeros(parameter->shape()));
    if (key == "mask.4.bias") (**parameter).fill_(last_bias);
  }
}

constexpr double kNever = -200, kAlways = 200;  // beyond what a sigmoid in float can tell from 0 and 1

at::Tensor feature_of(const char* name) {
  return weights::fill_input(name, {1, 4, 6, 8});
}

struct OfTwoFrames : NodeRunner {
  OfTwoFrames(double last_bias, const at::Tensor& flow) : NodeRunner("pix2pixhd.composition") {
    input("feature", feature_of("now")).input("previous", feature_of("before")).input("flow", flow);
    set_mask(*this, last_bias);
  }
};

TEST(Composition, TheFirstFrameIsItsOwnFeatures) {
  NodeRunner node("pix2pixhd.composition");
  node.input("feature", feature_of("now"));
  set_mask(node, kAlways);
  EXPECT_TRUE(at::equal(node.run().tensor("composite"), feature_of("now")));
  EXPECT_EQ(node.tensor("mask").sizes(), (std::vector<int64_t>{1, 1, 6, 8}));
}

TEST(Composition, WithMask1AndNoFlowThePastStays) {
  OfTwoFrames node(kAlways, at::zeros({1, 2, 48, 64}));
  EXPECT_TRUE(at::allclose(node.run().tensor("composite"), feature_of("before")));
}

TEST(Composition, FlowIsDividedByTheStrideOfTheFeatures) {
  at::Tensor flow = at::zeros({1, 2, 48, 64});
  flow.select(1, 0).fill_(8);  // one pixel of the features
  OfTwoFrames node(kAlways, flow);
  const at::Tensor moved = node.run().tensor("composite"), before = feature_of("before");
  EXPECT_TRUE(at::allclose(moved.narrow(3, 0, 7), before.narrow(3, 1, 7), 1e-4, 1e-5));
}

TEST(Composition, IdenticalFeaturesAndNoFlowStayWhateverTheMask) {
  NodeRunner node("pix2pixhd.composition");
  node.input("feature", feature_of("now")).input("previous", feature_of("now")).input("flow", at::zeros({1, 2, 6, 8}));
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
  EXPECT_TRUE(at::allclose(node.run().tensor("composite"), feature_of("now"), 1e-4, 1e-6));
}

/// COVST with a mask of 0 is pix2pixHD, to the bit.
TEST(Composition, WithMask0TheImageIsThatOfPix2PixHD) {
  const at::Tensor s = weights::fill_input("s", {1, 3, 32, 32});
  const auto generator = [&](const at::Tensor* composite) {
    NodeRunner node("pix2pixhd.global_generator");
    node.set("features", int64_t{2}).set("down", int64_t{2}).set("blocks", int64_t{2}).input("s", s);
    if (composite) node.input("composite", *composite);
    for (const auto& [key, parameter] : node.module().tensors())
      parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
    node.run();
    return std::pair(node.tensor("image"), node.tensor("feature"));
  };
  const auto [image, feature] = generator(nullptr);
  NodeRunner node("pix2pixhd.composition");
  node.input("feature", feature).input("previous", weights::fill_input("before", feature.sizes().vec()));
  node.input("flow", weights::fill_input("flow", {1, 2, 32, 32}) * 9);
  set_mask(node, kNever);
  const at::Tensor composite = node.run().tensor("composite");
  EXPECT_EQ(node.tensor("mask").max().item<float>(), 0);
  EXPECT_TRUE(at::equal(generator(&composite).first, image));
}

}  // namespace
}  // namespace weft
