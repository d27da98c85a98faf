#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

int64_t parameter_count(NodeRunner& node) {
  int64_t count = 0;
  for (const auto& [key, parameter] : node.module().tensors()) count += parameter->count();
  return count;
}

std::string last_key(NodeRunner& node) {
  return node.module().tensors().back().key;
}

/// A generator of a few numbers: layers 0-3, halvings to 6 and 9, blocks 10 and 11, doublings to 14 and 17, head.
struct Small : NodeRunner {
  Small() : NodeRunner("pix2pixhd.global_generator") {
    set("features", int64_t{2}).set("down", int64_t{2}).set("blocks", int64_t{2});
    input("s", weights::fill_input("s", {1, 3, 16, 24}));
  }
};

// The numbers of parameters and the keys of the published Cityscapes networks.
TEST(Pix2PixHD, GlobalGeneratorHasThePublishedShape) {
  NodeRunner node("pix2pixhd.global_generator");
  node.input("s", at::zeros({1, 36, 32, 32}));
  EXPECT_EQ(parameter_count(node), 182546755);
  EXPECT_EQ(node.module().tensors().size(), 56U);
  EXPECT_EQ(last_key(node), "model.38.bias");
}

TEST(Pix2PixHD, LocalEnhancerHasThePublishedShape) {
  NodeRunner global("pix2pixhd.global_features"), local("pix2pixhd.local_enhancer");
  global.input("s", at::zeros({1, 36, 32, 32}));
  local.input("s", at::zeros({1, 36, 64, 64})).input("below", at::zeros({1, 64, 32, 32}));
  EXPECT_EQ(parameter_count(global) + parameter_count(local), 182857059);
  EXPECT_EQ(global.module().tensors().size() + local.module().tensors().size(), 74U);
  EXPECT_EQ(last_key(local), "model1_2.7.bias");
}

TEST(Pix2PixHD, EncoderHasThePublishedShape) {
  NodeRunner node("pix2pixhd.encoder");
  node.input("image", at::zeros({1, 3, 16, 16})).input("instances", at::zeros({1, 1, 16, 16}, at::kLong));
  EXPECT_EQ(parameter_count(node), 788803);
  EXPECT_EQ(last_key(node), "model.29.bias");
}

TEST(Pix2PixHD, GeneratorsComputeWithIdsWhatTheyDoWithTheMap) {
  const at::Tensor labels = at::arange(16 * 24, at::kLong).floor_divide(5).remainder(3).view({1, 1, 16, 24});
  const at::Tensor ids = at::cat({labels, (labels == 1).to(at::kLong)}, 1).to(at::kShort);
  const nn::MapOrIds map(std::make_shared<const nn::OneHot>(ids, std::vector<int64_t>{2, 1}, at::kFloat));
  const auto image_of = [](NodeRunner& node, const Value& s) {
    node.input("s", s);
    fill(node);
    return node.run().tensor("image");
  };
  const auto expect_near = [](const at::Tensor& a, const at::Tensor& b) {
    EXPECT_GT(b.abs().max().item<double>(), 1e-3);
    // Norms amplify what the first convolution of the map rounds differently.
    EXPECT_LE((a - b).abs().max().item<double>(), 1e-3 * b.abs().max().item<double>());
  };
  Small by_ids, of_map;
  expect_near(image_of(by_ids, map), image_of(of_map, map.map()));
  NodeRunner local_by_ids("pix2pixhd.local_enhancer"), local_of_map("pix2pixhd.local_enhancer");
  for (NodeRunner* node : {&local_by_ids, &local_of_map})
    node->set("features", int64_t{2}).input("below", weights::fill_input("below", {1, 4, 8, 12}));
  expect_near(image_of(local_by_ids, map), image_of(local_of_map, map.map()));
}

TEST(Pix2PixHD, FeaturesAtEverySplitDecodeToTheSameImage) {
  Small whole;
  fill(whole);
  const at::Tensor image = whole.run().tensor("image");
  for (const int64_t split : {3, 6, 9, 10, 11, 14, 17}) {
    Small first, second;
    first.set("split", split);
    fill(first);
    const at::Tensor feature = first.run().tensor("feature");
    second.set("split", split).input("s", at::ones({1, 3, 16, 24})).input("composite", feature);
    fill(second);
    // What stands before the split does not run: other conditions change nothing.
    EXPECT_TRUE(at::equal(second.run().tensor("image"), image)) << split;
  }
}

TEST(Pix2PixHD, ASplitWithinAStepIsRefused) {
  Small node;
  node.set("split", int64_t{5});
  EXPECT_EQ(error_text([&] { node.run(); }),
            "pix2pixhd.global_generator: no step of the network ends with layer 5\n  `split` may be 3, 6, … 9 "
            "(halvings), 10 … 11 (residual blocks), 14, … 17 (doublings)");
}

TEST(Pix2PixHD, SizesThatCannotBeHalvedAreRefused) {
  NodeRunner node("pix2pixhd.global_generator");
  node.set("down", int64_t{3}).input("s", at::zeros({1, 3, 20, 24}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "pix2pixhd.global_generator needs a height and a width that are multiples of 8, since it halves its maps 3 "
            "times, but got 20x24\n  resize the input where it is read, or with image.resize");
}

TEST(Pix2PixHD, BatchNormsHaveStatisticsAndInstanceNormsNoTensors) {
  Small instance, batch;
  batch.set("norm", "batch");
  size_t statistics = 0;
  for (const auto& [key, parameter] : batch.module().tensors()) statistics += key.ends_with("running_var") ? 1 : 0;
  EXPECT_EQ(instance.module().tensors().size(), 20U);  // ten convolutions
  EXPECT_EQ(statistics, 9U);                           // all but the last one have a norm
}

TEST(Pix2PixHD, EnhancersStandOnEachOther) {
  NodeRunner middle("pix2pixhd.local_features"), top("pix2pixhd.local_enhancer");
  middle.set("features", int64_t{4}).set("blocks", int64_t{1}).input("s", at::zeros({1, 3, 16, 16}));
  middle.input("below", at::zeros({1, 8, 8, 8}));
  fill(middle);
  const at::Tensor below = middle.run().tensor("feature");
  EXPECT_EQ(below.sizes(), (std::vector<int64_t>{1, 4, 16, 16}));
  top.set("features", int64_t{2}).set("level", int64_t{2}).set("blocks", int64_t{0}).input("below", below);
  top.input("s", at::zeros({1, 3, 32, 32}));
  EXPECT_EQ(top.module().tensors().front().key, "model2_1.1.weight");
  fill(top);
  EXPECT_EQ(top.run().tensor("image").sizes(), (std::vector<int64_t>{1, 3, 32, 32}));
}

}  // namespace
}  // namespace weft
