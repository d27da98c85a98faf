#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::NodeRunner;
using testing::values;

TEST(S2S, HasThePublishedKeys) {
  NodeRunner node("prediction.s2s");
  node.input("past", at::zeros({1, 4, 19, 8, 8}));
  const auto tensors = node.module().tensors();
  ASSERT_EQ(tensors.size(), 16U);
  EXPECT_EQ(tensors.front().key, "scale2.0.weight");
  EXPECT_EQ(tensors.front().parameter->shape(), (std::vector<int64_t>{128, 76, 3, 3}));
  EXPECT_EQ(tensors[8].key, "scale1.0.weight");
  EXPECT_EQ(tensors[8].parameter->shape(), (std::vector<int64_t>{128, 95, 5, 5}));
}

TEST(S2S, TheFineNetworkAddsToTheCoarseGuess) {
  NodeRunner node("prediction.s2s");
  node.set("features", int64_t{2}).set("wide", int64_t{2}).input("past", at::zeros({1, 2, 1, 4, 4}));
  for (const auto& [key, parameter] : node.module().tensors()) {
    parameter->set(at::zeros(parameter->shape()));
    if (key == "scale2.3.bias") (**parameter).fill_(5);
    if (key == "scale1.3.bias") (**parameter).fill_(0.25);
  }
  node.run();
  EXPECT_THAT(values(node.tensor("coarse")), Each(5));
  EXPECT_THAT(values(node.tensor("scores")), Each(5.25F));
  EXPECT_EQ(node.tensor("scores").sizes(), (std::vector<int64_t>{1, 1, 4, 4}));
}

TEST(Classes, AreTheHighestChannels) {
  at::Tensor scores = at::zeros({1, 3, 1, 3});
  scores[0][2][0][0] = 1;
  scores[0][1][0][1] = 0.5;
  scores[0][0][0][2] = 3;
  NodeRunner node("prediction.classes");
  EXPECT_THAT(values<int64_t>(node.input("scores", scores).run().tensor("labels")), ElementsAre(2, 1, 0));
}

TEST(Classes, DoNotHideNumbersThatAreNotFinite) {
  at::Tensor scores = at::zeros({1, 3, 1, 2});
  scores[0][1][0][1] = std::nan("");
  NodeRunner node("prediction.classes");
  node.input("scores", scores);
  EXPECT_EQ(error_text([&] { node.run(); }), "the class scores have numbers that are not finite");
}

/// The way from a predictor of 19 classes to a generator of label ids.
TEST(Classes, BecomeLabelIdsByATable) {
  NodeRunner node("semantics.remap");
  node.set("table", "cityscapes_35").input("labels", ids_of({{0, 1, 2, 11, 13, 18}}));
  EXPECT_THAT(values<int64_t>(node.run().tensor("labels")), ElementsAre(7, 8, 11, 24, 26, 33));
}

}  // namespace
}  // namespace weft
