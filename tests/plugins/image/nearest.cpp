#include "framework/node/archive.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

at::Tensor grey(float value) {
  return at::full({1, 3, 2, 2}, value);
}

/// A square of four points whose upper left corner is at (x, 0).
at::Tensor square(float x, float confidence_of_last = 1) {
  return at::tensor({x, 0.F, 1.F, x + 10, 0.F, 1.F, x, 10.F, 1.F, x + 10, 10.F, confidence_of_last}).view({1, 4, 3});
}

NodeRunner& remember(NodeRunner& node, float value, const at::Tensor& points) {
  return node.clear_inputs().input("image", grey(value)).input("seen", points).input("keypoints", points).run();
}

float nearest_to(NodeRunner& node, const at::Tensor& points) {
  return node.clear_inputs().input("keypoints", points).run().tensor("image")[0][0][0][0].item<float>();
}

TEST(ImageNearest, GivesTheFrameWhosePointsAreNearest) {
  NodeRunner node("image.nearest");
  remember(node, 0.1F, square(0));
  remember(node, 0.2F, square(20));
  remember(node, 0.3F, square(40));
  EXPECT_FLOAT_EQ(nearest_to(node, square(2)), 0.1F);
  EXPECT_FLOAT_EQ(nearest_to(node, square(18)), 0.2F);
  EXPECT_FLOAT_EQ(nearest_to(node, square(35)), 0.3F);
  EXPECT_FLOAT_EQ(nearest_to(node, square(900)), 0.1F) << "all are as far as can be: the first";
}

TEST(ImageNearest, CountsAMissingPointAsFarAway) {
  NodeRunner node("image.nearest");
  remember(node, 0.1F, square(0, 0));  // the last point is missing
  remember(node, 0.2F, square(1));
  EXPECT_FLOAT_EQ(nearest_to(node, square(0)), 0.2F);
  EXPECT_FLOAT_EQ(nearest_to(node, square(0, 0)), 0.1F);
  EXPECT_FLOAT_EQ(nearest_to(node, at::zeros({1, 4, 3})), 0.1F) << "nobody";
}

TEST(ImageNearest, FramesMayHaveDifferentNumbersOfPeople) {
  NodeRunner node("image.nearest");
  remember(node, 0.1F, square(0));
  remember(node, 0.2F, at::cat({square(20), square(60)}, 1));
  EXPECT_FLOAT_EQ(nearest_to(node, square(2)), 0.1F);
  EXPECT_FLOAT_EQ(nearest_to(node, at::cat({square(20), square(60)}, 1)), 0.2F);
  EXPECT_FLOAT_EQ(nearest_to(node, at::cat({square(0), at::zeros({1, 4, 3})}, 1)), 0.1F) << "the second is nobody";
}

TEST(ImageNearest, ChoosesForEachRow) {
  NodeRunner node("image.nearest");
  const auto two = [](const at::Tensor& a, const at::Tensor& b) { return at::cat({a, b}); };
  node.input("image", two(grey(0.1F), grey(0.5F))).input("seen", two(square(0), square(20)));
  node.input("keypoints", two(square(0), square(0))).run();
  node.input("image", two(grey(0.2F), grey(0.6F))).input("seen", two(square(20), square(0))).run();
  EXPECT_FLOAT_EQ(node.tensor("image")[0][0][0][0].item<float>(), 0.1F);
  EXPECT_FLOAT_EQ(node.tensor("image")[1][0][0][0].item<float>(), 0.6F);
}

TEST(ImageNearest, ForgetsWhenASequenceBeginsAndGoesOnFromASavedState) {
  NodeRunner node("image.nearest"), resumed("image.nearest");
  remember(node, 0.1F, square(0));
  remember(node, 0.2F, square(20));
  remember(resumed, 0.9F, square(0));
  Archive saved;
  node.node().state(saved);
  Archive restored(saved.entries());
  resumed.node().state(restored);
  EXPECT_FLOAT_EQ(nearest_to(resumed, square(19)), 0.2F);
  EXPECT_FLOAT_EQ(nearest_to(resumed, square(1)), 0.1F);
  node.node().reset();
  EXPECT_EQ(
      testing::error_text([&] { nearest_to(node, square(0)); }),
      "image.nearest has no frame to choose from: none was given before the first keypoints\n  wire its `image` and "
      "`seen`, as in in.image = \"film before 80\"");
}

}  // namespace
}  // namespace weft
