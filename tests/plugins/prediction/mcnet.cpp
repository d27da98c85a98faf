#include "framework/gan/judgement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

at::Tensor frame(const char* name) {
  return weights::fill_input(name, {1, 3, 16, 24});
}

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

struct Small : NodeRunner {
  Small() : NodeRunner("prediction.mcnet") {
    set("features", int64_t{2}).input("image", frame("now")).input("previous", frame("before"));
  }
};

TEST(McNet, HasThePublishedNumberOfParameters) {
  for (const auto& [channels, parameters] : {std::pair{3, 14096259}, {1, 14093953}}) {
    NodeRunner node("prediction.mcnet");
    node.input("image", at::zeros({1, channels, 8, 8}));
    int64_t count = 0;
    for (const auto& [key, parameter] : node.module().tensors()) count += parameter->count();
    EXPECT_EQ(count, parameters);
  }
}

TEST(McNet, TheFirstFrameIsReturnedAndLeavesNoState) {
  Small node;
  fill(node);
  node.clear_inputs().input("image", frame("now")).run();
  EXPECT_TRUE(at::equal(node.tensor("image"), frame("now")));
  const at::Tensor state = node.tensor("state");
  EXPECT_EQ(state.sizes(), (std::vector<int64_t>{1, 16, 2, 3}));
  EXPECT_TRUE(at::equal(state, at::zeros({1, 16, 2, 3})));
  // So the second frame, with or without it, is the same.
  Small with, without;
  fill(with), fill(without);
  with.input("state", state).run();
  EXPECT_TRUE(at::equal(with.tensor("image"), without.run().tensor("image")));
}

/// Frames are red, green, blue at the ports and blue, green, red inside: an image layer whose bias is set for the first
/// channel colours the last one.
TEST(McNet, TheNetworkSeesBlueFirst) {
  Small node;
  for (const auto& [key, parameter] : node.module().tensors()) {
    parameter->set(at::zeros(parameter->shape()));
    if (key == "dec_cnn.dec1.2.bias") (**parameter)[0].fill_(100);
  }
  const at::Tensor image = node.run().tensor("image")[0];
  EXPECT_TRUE(at::equal(image[0], at::zeros({16, 24})));
  EXPECT_TRUE(at::equal(image[2], at::full({16, 24}, 1.0)));
}

/// The content encoder sees them so too: a kernel on its first channel reads blue.
TEST(McNet, TheContentIsReadBlueFirst) {
  const auto image_of = [](int64_t channel) {
    Small node;
    fill(node);
    for (const auto& [key, parameter] : node.module().tensors())
      if (key == "content_enc.cont_conv1.0.weight") (**parameter).narrow(1, 1, 2).zero_();
    at::Tensor now = frame("now").clone();
    now.select(1, channel).fill_(0.3);
    // The motion is that of the same brightness.
    node.clear_inputs().input("image", now).input("previous", now);
    return node.run().tensor("image");
  };
  EXPECT_TRUE(at::equal(image_of(0), image_of(1)));
  EXPECT_FALSE(at::allclose(image_of(0), image_of(2)));
}

TEST(McNet, TwoChannelsAreRefused) {
  NodeRunner node("prediction.mcnet");
  node.input("image", at::zeros({1, 2, 16, 16}));
  EXPECT_EQ(error_text([&] { node.run(); }), "prediction.mcnet wants frames of 3 channels or of 1, but they have 2");
}

TEST(McNetDiscriminator, SizesThatCannotBeHalvedAreRefused) {
  NodeRunner node("prediction.mcnet_discriminator");
  node.input("real", at::zeros({1, 2, 3, 24, 32})).input("fake", at::zeros({1, 2, 3, 24, 32}));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "prediction.mcnet_discriminator needs a height and a width that are multiples of 16, since it halves its maps 4 "
      "times, but got 24x32\n  resize the input where it is read, or with image.resize");
}

TEST(McNetDiscriminator, ScoresEachClipOnce) {
  for (const char* program : {"tensorflow", "pytorch"}) {
    NodeRunner node("prediction.mcnet_discriminator");
    node.set("features", int64_t{2}).set("program", program);
    const at::Tensor clips = weights::fill_input("clips", {2, 3, 3, 32, 48});
    node.input("real", clips).input("fake", clips);
    fill(node);
    const auto judgement = node.run().value("judgement").as<gan::Judgement>();
    EXPECT_EQ(judgement.real[0].score.sizes(), (std::vector<int64_t>{2, 1}));
    EXPECT_TRUE(at::equal(judgement.real[0].score, judgement.fakes[0][0].score));
    EXPECT_TRUE(judgement.real[0].features.empty());
  }
}

}  // namespace
}  // namespace weft
