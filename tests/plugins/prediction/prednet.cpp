#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::Each;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

/// Two layers of 3 and 4 channels.
struct Small : NodeRunner {
  explicit Small(const std::string& type = "prediction.prednet") : NodeRunner(type) {
    set("stack", std::vector<int64_t>{3, 4}).input("image", weights::fill_input("x", {1, 3, 8, 12}));
  }
};

void set_zero(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(at::zeros(parameter->shape()));
}

TEST(PredNet, HasThePublishedShape) {
  NodeRunner node("prediction.prednet");
  node.input("image", at::zeros({1, 3, 16, 16}));
  const auto tensors = node.module().tensors();
  // Four layers of six convolutions, but the top one passes nothing up.
  EXPECT_EQ(tensors.size(), 46U);
  const auto shape_of = [&](const std::string& wanted) -> std::vector<int64_t> {
    for (const auto& [key, parameter] : tensors) {
      if (key == wanted) return parameter->shape();
    }
    return {};
  };
  EXPECT_EQ(shape_of("layer_i_0.weight"), (std::vector<int64_t>{3, 3 + 6 + 48, 3, 3}));
  EXPECT_EQ(shape_of("layer_i_3.weight"), (std::vector<int64_t>{192, 192 + 384, 3, 3}));
}

/// Frames are in [-1, 1] at the ports and in [0, 1] inside: a network that predicts 0 predicts black.
TEST(PredNet, BlackIsMinus1AtItsPorts) {
  Small node;
  set_zero(node);
  EXPECT_THAT(values(node.run().tensor("prediction")), Each(-1));
  // Black is 1 away from white; half of the errors' channels are 0.
  node.clear_inputs().input("image", at::full({1, 3, 8, 12}, 1.0)).input("state", node.tensor("state"));
  EXPECT_FLOAT_EQ(node.run().tensor("errors")[0][0].item<float>(), 0.5);
}

TEST(PredNet, PredictionsEndAtWhite) {
  Small node;
  set_zero(node);
  for (const auto& [key, parameter] : node.module().tensors())
    if (key == "layer_ahat_0.bias") (**parameter).fill_(7);
  EXPECT_THAT(values(node.run().tensor("prediction")), Each(1));
}

TEST(PredNet, TheFirstFrameHasNoLoss) {
  Small node;
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(weights::fill(key, parameter->shape()));
  EXPECT_EQ(node.run().tensor("loss").item<float>(), 0);
  node.input("state", node.tensor("state"));
  node.run();
  EXPECT_FLOAT_EQ(node.tensor("loss").item<float>(), node.tensor("errors")[0][0].item<float>());
  const at::Tensor real = at::zeros({1, 3, 8, 12});
  node.input("real", real);
  const float wanted = (node.run().tensor("prediction") - real).abs().mean().item<float>() / 4;
  EXPECT_FLOAT_EQ(node.tensor("loss").item<float>(), wanted);
}

TEST(PredNet, AllLayersCountByTheirWeights) {
  Small node;
  node.set("weights", std::vector<double>{1, 0.1});
  for (const auto& [key, parameter] : node.module().tensors()) parameter->set(weights::fill(key, parameter->shape()));
  node.run().input("state", node.tensor("state"));
  node.run();
  const at::Tensor loss = node.tensor("loss"), errors = node.tensor("errors")[0];
  EXPECT_TRUE(at::allclose(loss, errors[0] + 0.1 * errors[1]));
}

TEST(PredNet, TheStateOfAnotherSizeIsRefused) {
  Small node;
  set_zero(node);
  node.input("state", at::zeros({1, 10}));
  // Hidden, cells and errors of both layers: (3 + 3 + 6) 96 + (4 + 4 + 8) 24.
  EXPECT_EQ(error_text([&] { node.run(); }),
            "PredNet's state has 1536 numbers a sample for frames of 8x12, but 10 were given\n  wire its own output: "
            "in.state = \"NODE.state[t-1]\"");
}

TEST(PredNet, ASizeThatCannotBeHalvedIsRefused) {
  NodeRunner node("prediction.prednet");
  node.input("image", at::zeros({1, 3, 12, 16}));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "PredNet needs a height and a width that are multiples of 8, since it halves its maps 3 times, but got 12x16\n  "
      "resize the input where it is read, or with image.resize");
}

TEST(PredNet, LayersWithoutAHiddenNumberAreRefused) {
  Small node;
  node.set("hidden", std::vector<int64_t>{3});
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "PredNet wants 1 to 8 layers, a number in `hidden` for each, and no more `weights` than that; `stack` has 2, "
      "`hidden` 1, `weights` 1");
}

/// Frames are in [0, 255] inside.
TEST(PredNetPort, BlackIsMinus1AtItsPorts) {
  Small node("prediction.prednet_port");
  set_zero(node);
  EXPECT_THAT(values(node.run().tensor("prediction")), Each(-1));
  node.clear_inputs().input("image", at::full({1, 3, 8, 12}, 1.0)).input("state", node.tensor("state"));
  EXPECT_FLOAT_EQ(node.run().tensor("errors")[0][0].item<float>(), 127.5);
}

}  // namespace
}  // namespace weft
