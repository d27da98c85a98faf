#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using testing::error_text;
using testing::ids_of;
using testing::NodeRunner;

double value_of(NodeRunner& node) {
  return node.run().tensor("value").item<double>();
}

TEST(LossCrossEntropy, OfEqualLogitsIsTheLogarithmOfTheClasses) {
  NodeRunner node("loss.cross_entropy");
  node.input("logits", at::zeros({1, 4, 1, 2})).input("labels", ids_of({{0, 3}}));
  EXPECT_NEAR(value_of(node), std::log(4.0), 1e-6);
}

TEST(LossCrossEntropy, LeavesOutIgnoredPixels) {
  at::Tensor logits = at::zeros({1, 2, 1, 2});
  logits[0][1][0][0] = 3;
  NodeRunner node("loss.cross_entropy");
  node.input("logits", logits).input("labels", ids_of({{1, 255}}));
  EXPECT_NEAR(value_of(node), std::log(1 + std::exp(-3.0)), 1e-6);
}

TEST(LossCrossEntropy, WeightsClasses) {
  at::Tensor logits = at::zeros({1, 2, 1, 2});
  logits[0][1][0][0] = 3;
  NodeRunner node("loss.cross_entropy");
  node.set("weights", std::vector<double>{1, 3}).input("logits", logits).input("labels", ids_of({{1, 0}}));
  EXPECT_NEAR(value_of(node), (3 * std::log(1 + std::exp(-3.0)) + std::log(2.0)) / 4, 1e-6);
}

TEST(LossCrossEntropy, TakesProbabilitiesAsTheyAre) {
  at::Tensor probabilities = at::zeros({1, 2, 1, 2});
  probabilities[0][0][0][0] = 0.25;  // of the right class
  probabilities[0][1][0][1] = 1;     // of the wrong one: the right one counts as 1e-6
  NodeRunner node("loss.cross_entropy");
  node.set("form", "probabilities").input("logits", probabilities).input("labels", ids_of({{0, 0}}));
  EXPECT_NEAR(value_of(node), (std::log(4.0) + 6 * std::log(10.0)) / 2, 1e-5);
}

TEST(LossCrossEntropy, IsZeroWhereNoPixelCounts) {
  NodeRunner node("loss.cross_entropy");
  node.input("logits", at::zeros({1, 2, 1, 2}).requires_grad_()).input("labels", ids_of({{255, 255}}));
  EXPECT_EQ(value_of(node), 0);
  EXPECT_TRUE(node.tensor("value").requires_grad());
}

TEST(LossCrossEntropy, RefusesUnknownIds) {
  NodeRunner node("loss.cross_entropy");
  node.input("logits", at::zeros({1, 2, 1, 2})).input("labels", ids_of({{0, 7}}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "the label id 7 is none of the 2 classes (0 to 1)\n  semantics.remap in front of it converts ids; `ignore` "
            "leaves ids out");
}

TEST(LossCrossEntropy, RefusesWeightsOfAnotherNumber) {
  NodeRunner node("loss.cross_entropy");
  node.set("weights", std::vector<double>{1})
      .input("logits", at::zeros({1, 2, 1, 2}))
      .input("labels", ids_of({{0, 1}}));
  EXPECT_EQ(error_text([&] { node.run(); }), "`weights` has 1 number, but the logits have 2 channels");
}

}  // namespace
}  // namespace weft
