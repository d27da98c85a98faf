#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

/// Weights 0, but for a way through: channel 0 of every layer is channel 0 of the layer before.
void pass_red_through(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors()) {
    at::Tensor tensor = at::zeros(parameter->shape());
    if (tensor.dim() == 4) tensor[0][0][1][1] = 1;
    parameter->set(tensor);
  }
}

std::vector<std::string> keys_of(NodeRunner& node) {
  std::vector<std::string> keys;
  for (const auto& [key, parameter] : node.module().tensors()) {
    if (key.ends_with("weight")) keys.push_back(key);
  }
  return keys;
}

TEST(LossVgg, HasTheKeysOfThePublishedNetworks) {
  NodeRunner slices("loss.vgg"), features("loss.vgg");
  features.set("keys", "features");
  EXPECT_THAT(keys_of(slices),
              ::testing::ElementsAre("slice1.0.weight", "slice2.2.weight", "slice2.5.weight", "slice3.7.weight",
                                     "slice3.10.weight", "slice4.12.weight", "slice4.14.weight", "slice4.16.weight",
                                     "slice4.19.weight", "slice5.21.weight", "slice5.23.weight", "slice5.25.weight",
                                     "slice5.28.weight"));
  EXPECT_EQ(keys_of(features).back(), "features.28.weight");
}

TEST(LossVgg, WeighsTheFiveMapsAndSumsFakesUp) {
  NodeRunner node("loss.vgg");
  const auto red = [](double value) {
    at::Tensor image = at::zeros({1, 3, 16, 16});
    image.select(1, 0).fill_(value);
    return image;
  };
  node.input("real", red(0.25)).input("fake", red(0.75)).input("fake", red(-1));
  pass_red_through(node);
  // Of 64, 128, 256, 512 and 512 channels one differs, by 0.5 and, since a map is never negative, by 0.25.
  const double one = 1.0 / 32 / 64 + 1.0 / 16 / 128 + 1.0 / 8 / 256 + 1.0 / 4 / 512 + 1.0 / 512;
  EXPECT_NEAR(node.run().tensor("value").item<float>(), (0.5 + 0.25) * one, 1e-8);
}

TEST(LossVgg, HalvesImagesThatAreWiderThan1024) {
  NodeRunner node("loss.vgg");
  // Single columns of 1 become 0.5 where two pixels become one.
  at::Tensor stripes = at::zeros({1, 3, 32, 1026});
  stripes.slice(3, 0, std::nullopt, 2).fill_(1);
  node.set("weights", std::vector<double>{1, 0, 0, 0, 0});
  node.input("real", at::zeros({1, 3, 32, 1026})).input("fake", stripes);
  pass_red_through(node);
  EXPECT_NEAR(node.run().tensor("value").item<float>(), 0.5 / 64, 1e-8);
  at::Tensor narrow = at::zeros({1, 3, 32, 1024});
  node.clear_inputs().input("real", narrow).input("fake", narrow + 1);
  EXPECT_NEAR(node.run().tensor("value").item<float>(), 1.0 / 64, 1e-8);
}

TEST(LossVgg, NoGradientGoesIntoTheRealImage) {
  NodeRunner node("loss.vgg");
  const at::Tensor real = weights::fill_input("real", {1, 3, 16, 16}).requires_grad_();
  const at::Tensor fake = weights::fill_input("fake", {1, 3, 16, 16}).requires_grad_();
  node.input("real", real).input("fake", fake);
  pass_red_through(node);
  node.run().tensor("value").backward();
  EXPECT_FALSE(real.grad().defined());
  EXPECT_GT(fake.grad().abs().sum().item<float>(), 0);
}

TEST(LossVgg, RefusesFourWeights) {
  EXPECT_EQ(error_text([] {
              NodeRunner("loss.vgg").set("weights", std::vector<double>{1, 1, 1, 1});
            }),
            "`weights` wants 5 items, not 4");
}

}  // namespace
}  // namespace weft
