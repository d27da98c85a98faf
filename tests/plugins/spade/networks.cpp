#include "framework/gan/judgement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

int64_t learnt_count(NodeRunner& node) {
  int64_t count = 0;
  for (const auto& [key, parameter] : node.module().tensors())
    if (parameter->role() == nn::Parameter::Role::Learnt) count += parameter->count();
  return count;
}

std::map<std::string, std::vector<int64_t>> shapes_of(NodeRunner& node) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& [key, parameter] : node.module().tensors()) shapes[key] = parameter->shape();
  return shapes;
}

/// A generator of 2 features for maps of 3 channels.
struct Small : NodeRunner {
  explicit Small(int64_t batch = 1) : NodeRunner("spade.generator") {
    set("features", int64_t{2}).set("crop_size", int64_t{64});
    input("s", weights::fill_input("s", {batch, 3, 40, 56}));
  }
};

// The published Cityscapes network: numbers, entries and the size of its image.
TEST(Spade, GeneratorHasThePublishedShape) {
  NodeRunner node("spade.generator");
  node.set("upsampling", "more").set("crop_size", int64_t{512}).set("aspect_ratio", 2.0);
  node.input("s", at::zeros({1, 36, 8, 16}));
  EXPECT_EQ(learnt_count(node), 93048003);
  EXPECT_EQ(node.module().tensors().size(), 234U);
  EXPECT_EQ(node.shapes().letters().at("P").value(), 256);
  EXPECT_EQ(node.shapes().letters().at("Q").value(), 512);
}

TEST(Spade, DiscriminatorHasThePublishedShape) {
  NodeRunner node("gan.patch_discriminator");
  node.set("variant", "spade").set("layers", int64_t{3}).set("norm", "instance").set("spectral_norm", true);
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 8}));
  node.input("conditions", at::zeros({1, 36, 8, 8}));
  EXPECT_EQ(learnt_count(node), 5601410);
  const auto shapes = shapes_of(node);
  EXPECT_TRUE(shapes.contains("discriminator_0.model1.0.0.weight_orig"));
  EXPECT_TRUE(shapes.contains("discriminator_1.model0.0.weight"));
  EXPECT_FALSE(shapes.contains("discriminator_0.model1.0.0.bias"));
  EXPECT_TRUE(shapes.contains("discriminator_0.model4.0.bias"));
}

TEST(Spade, TheImageHasTheSizeOfTheGridWhateverTheMap) {
  Small node;
  fill(node);
  EXPECT_EQ(node.run().tensor("image").sizes(), (std::vector<int64_t>{1, 3, 64, 64}));
}

// Every norm resizes the map and convolves it: both with ids.
TEST(Spade, GeneratorComputesWithIdsWhatItDoesWithTheMap) {
  const at::Tensor labels = at::arange(40 * 56, at::kLong).floor_divide(7).remainder(3).view({1, 1, 40, 56});
  const at::Tensor ids = at::cat({labels, (labels == 1).to(at::kLong)}, 1).to(at::kShort);
  const nn::MapOrIds map(std::make_shared<const nn::OneHot>(ids, std::vector<int64_t>{2, 1}, at::kFloat));
  Small by_ids, of_map;
  fill(by_ids);
  fill(of_map);
  const at::Tensor expected = of_map.input("s", map.map()).run().tensor("image");
  const at::Tensor image = by_ids.input("s", map).run().tensor("image");
  EXPECT_GT(expected.abs().max().item<double>(), 1e-3);
  // Norms amplify what the convolutions of the map round differently.
  EXPECT_LE((image - expected).abs().max().item<double>(), 1e-3 * expected.abs().max().item<double>());
}

TEST(Spade, MostHasOneBlockMore) {
  Small node;
  node.set("upsampling", "most").set("crop_size", int64_t{128});
  const auto shapes = shapes_of(node);
  EXPECT_EQ(shapes.at("up_4.conv_1.bias"), std::vector<int64_t>{1});
  EXPECT_EQ(shapes.at("conv_img.weight"), (std::vector<int64_t>{3, 1, 3, 3}));
}

TEST(Spade, AGridWithoutRowsIsRefused) {
  Small node;
  node.set("upsampling", "most").set("crop_size", int64_t{128}).set("aspect_ratio", 2.0);
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "spade.generator: the smallest grid of crop_size 128 and aspect_ratio 2 is 0 x 1\n  crop_size / 128 and its "
      "quotient by aspect_ratio must be 1 at least: a larger crop_size, or less upsampling");
}

TEST(Spade, ACodeNeedsAGeneratorThatBeginsWithOne) {
  Small node;
  node.input("z", at::zeros({1, 256}));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "spade.generator: `z` is wired, but the generator begins with the semantic map\n  set `vae = true`, or remove "
      "`in.z`");
}

TEST(Spade, WithoutACodeOneIsDrawnFromTheSeed) {
  const auto image = [](uint64_t seed, const at::Tensor* z) {
    NodeRunner node("spade.generator", NodeRunner::built_plugins(), at::kCPU, seed);
    node.set("features", int64_t{2}).set("crop_size", int64_t{64}).set("vae", true).set("z_dim", int64_t{8});
    node.input("s", weights::fill_input("s", {1, 3, 8, 8}));
    if (z) node.input("z", *z);
    fill(node);
    return node.run().tensor("image");
  };
  EXPECT_TRUE(at::equal(image(1, nullptr), image(1, nullptr)));
  EXPECT_FALSE(at::equal(image(1, nullptr), image(2, nullptr)));
  const at::Tensor z = weights::fill_input("z", {1, 8});
  EXPECT_TRUE(at::equal(image(1, &z), image(2, &z)));
}

/// One sample whose smallest maps are one pixel: each channel has one value there, which becomes 0.
TEST(Spade, TrainingWithABatchOf1IsDefined) {
  NodeRunner node("spade.generator");
  node.set("features", int64_t{2}).set("crop_size", int64_t{32}).input("s", weights::fill_input("s", {1, 3, 32, 32}));
  fill(node);
  node.module().train(true);
  node.context().set_training(true);
  EXPECT_TRUE(at::isfinite(node.run().tensor("image")).all().item<bool>());
  for (const auto& [key, parameter] : node.module().tensors())
    EXPECT_TRUE(at::isfinite((*parameter)->to(at::kFloat)).all().item<bool>()) << key;
}

TEST(Spade, OutsideOfTrainingNothingChanges) {
  Small node(2);
  fill(node);
  const at::Tensor first = node.run().tensor("image");
  EXPECT_TRUE(at::equal(node.run().tensor("image"), first));
  for (const auto& [key, parameter] : node.module().tensors())
    EXPECT_TRUE(at::equal(**parameter, weights::fill(key, parameter->shape(), parameter->type()))) << key;
}

TEST(Spade, InstanceNormsHaveNoStatistics) {
  Small node;
  node.set("norm", "instance").set("spectral_norm", false).set("kernel", int64_t{5});
  const auto shapes = shapes_of(node);
  EXPECT_FALSE(shapes.contains("head_0.norm_0.param_free_norm.running_mean"));
  EXPECT_TRUE(shapes.contains("head_0.conv_0.weight"));
  EXPECT_EQ(shapes.at("head_0.norm_0.mlp_gamma.weight"), (std::vector<int64_t>{32, 128, 5, 5}));
}

TEST(SpadeEncoder, DrawsACodeFromItsDistribution) {
  NodeRunner node("spade.encoder");
  node.set("features", int64_t{2}).input("image", weights::fill_input("image", {1, 3, 64, 48}));
  for (const auto& [key, parameter] : node.module().tensors()) {
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
    if (key == "fc_var.bias") (**parameter).fill_(-200);  // a deviation of exp(-100)
    if (key == "fc_var.weight") (**parameter).zero_();
  }
  node.run();
  EXPECT_EQ(node.tensor("z").sizes(), (std::vector<int64_t>{1, 256}));
  EXPECT_TRUE(at::allclose(node.tensor("z"), node.tensor("mean")));
}

TEST(SpadeDiscriminator, JudgesFakeAndRealAsOneBatch) {
  NodeRunner both("gan.patch_discriminator"), same("gan.patch_discriminator");
  const at::Tensor real = weights::fill_input("real", {1, 3, 16, 16}),
                   fake = weights::fill_input("fake", {1, 3, 16, 16});
  const auto prepare = [](NodeRunner& node) {
    node.set("variant", "spade").set("features", int64_t{2}).set("norm", "instance").set("spectral_norm", true);
    fill(node);
    node.module().train(true);
    node.context().set_training(true);
  };
  both.input("real", real).input("fake", fake);
  prepare(both);
  same.input("real", fake).input("fake", fake);
  prepare(same);
  const auto a = both.run().value("judgement").as<gan::Judgement>(),
             b = same.run().value("judgement").as<gan::Judgement>();
  // One step of the power iteration for both values: what is real beside it changes nothing for the fake one.
  EXPECT_TRUE(at::equal(a.fakes[0][0].score, b.fakes[0][0].score));
  EXPECT_TRUE(at::allclose(b.real[0].score, b.fakes[0][0].score));
  EXPECT_FALSE(at::allclose(a.real[0].score, a.fakes[0][0].score));
}

}  // namespace
}  // namespace weft
