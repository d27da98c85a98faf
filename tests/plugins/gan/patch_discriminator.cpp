#include "framework/gan/judgement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace weft {
namespace {

using gan::Judgement;
using gan::Verdict;
using ::testing::Each;
using ::testing::ElementsAre;
using testing::error_text;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

/// A discriminator that was given its inputs: all weights by the rule of nn/fill.h.
void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

/// All weights 0: a layer gives its bias, which is 0 too until a test sets it.
void clear(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors()) {
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()).zero_());
    if (key.ends_with("running_var")) parameter->set(**parameter + 1);
  }
}

const at::Tensor& tensor_of(NodeRunner& node, const std::string& key) {
  for (const auto& [name, parameter] : node.module().tensors()) {
    if (name == key) return **parameter;
  }
  throw Error(Exit::Failed, "there is no tensor " + key);
}

std::vector<std::string> keys_of(NodeRunner& node) {
  std::vector<std::string> keys;
  for (const auto& [key, parameter] : node.module().tensors()) keys.push_back(key);
  return keys;
}

Judgement judgement_of(NodeRunner& node) {
  return node.run().value("judgement").as<Judgement>();
}

/// The smallest one: a layer that halves, one that does not, the score; of one scale.
struct Smallest : NodeRunner {
  Smallest() : NodeRunner("gan.patch_discriminator") {
    set("scales", int64_t{1}).set("layers", int64_t{1}).set("features", int64_t{1}).set("statistics", "running");
  }
};

/// Feature 0 of the first layer becomes channel `channel` of every second pixel.
void look_at(NodeRunner& node, int64_t channel) {
  clear(node);
  tensor_of(node, "scale0_layer0.0.weight")[0][channel][2][2].fill_(1);  // pixel (2y, 2x), two pixels of padding away
}

TEST(PatchDiscriminator, HasTheKeysOfThePublishedNetwork) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{2}).set("layers", int64_t{1}).set("norm", "instance");
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 8}));
  EXPECT_THAT(keys_of(node),
              ElementsAre("scale0_layer0.0.weight", "scale0_layer0.0.bias", "scale0_layer1.0.weight",
                          "scale0_layer1.0.bias", "scale0_layer1.1.running_mean", "scale0_layer1.1.running_var",
                          "scale0_layer1.1.num_batches_tracked", "scale0_layer2.0.weight", "scale0_layer2.0.bias",
                          "scale1_layer0.0.weight", "scale1_layer0.0.bias", "scale1_layer1.0.weight",
                          "scale1_layer1.0.bias", "scale1_layer1.1.running_mean", "scale1_layer1.1.running_var",
                          "scale1_layer1.1.num_batches_tracked", "scale1_layer2.0.weight", "scale1_layer2.0.bias"));
}

TEST(PatchDiscriminator, WithoutFeatureMatchingEachNetworkIsOneSequence) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{1}).set("layers", int64_t{2}).set("feature_matching", false).set("norm", "instance");
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 8}));
  EXPECT_THAT(keys_of(node),
              ElementsAre("layer0.0.weight", "layer0.0.bias", "layer0.2.weight", "layer0.2.bias",
                          "layer0.3.running_mean", "layer0.3.running_var", "layer0.3.num_batches_tracked",
                          "layer0.5.weight", "layer0.5.bias", "layer0.6.running_mean", "layer0.6.running_var",
                          "layer0.6.num_batches_tracked", "layer0.8.weight", "layer0.8.bias"));
  fill(node);
  EXPECT_TRUE(judgement_of(node).real[0].features.empty());
}

TEST(PatchDiscriminator, GivesTheFinestScaleFirst) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{2}).set("layers", int64_t{1}).set("features", int64_t{16});
  node.input("real", at::zeros({1, 3, 8, 16})).input("fake", at::zeros({1, 3, 8, 16}));
  fill(node);
  const std::vector<Verdict> real = judgement_of(node).real;
  // Convolutions of 4 with 2 pixels of padding: H/2 + 1, then H + 1; the network of scale 1 sees the whole size.
  ASSERT_EQ(real.size(), 2U);
  ASSERT_EQ(real[0].features.size(), 2U);
  EXPECT_EQ(real[0].features[0].sizes(), (std::vector<int64_t>{1, 16, 5, 9}));
  EXPECT_EQ(real[0].features[1].sizes(), (std::vector<int64_t>{1, 32, 6, 10}));
  EXPECT_EQ(real[0].score.sizes(), (std::vector<int64_t>{1, 1, 7, 11}));
  // The other has half the size and twice the channels.
  EXPECT_EQ(real[1].features[0].sizes(), (std::vector<int64_t>{1, 32, 3, 5}));
  EXPECT_EQ(tensor_of(node, "scale0_layer0.0.weight").size(0), 32);
}

TEST(PatchDiscriminator, ThatOfPix2PixHDHasAsManyChannelsAtEachScaleAndNormsWithoutTensors) {
  NodeRunner node("gan.patch_discriminator");
  node.set("variant", "pix2pixHD").set("norm", "instance").set("scales", int64_t{3});
  node.input("real", at::zeros({1, 39, 8, 8})).input("fake", at::zeros({1, 39, 8, 8}));
  int64_t parameters = 0;
  for (const auto& [key, parameter] : node.module().tensors()) parameters += parameter->count();
  EXPECT_EQ(parameters, 8404803);  // of the published network
}

TEST(PatchDiscriminator, FirstLayersHave64ChannelsAtMostAndOthers512) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{3}).set("layers", int64_t{4}).set("features", int64_t{48});
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 8}));
  std::map<std::string, int64_t> channels;
  for (const auto& [key, parameter] : node.module().tensors()) {
    if (key.ends_with("0.bias")) channels[key] = parameter->shape().front();
  }
  EXPECT_EQ(channels["scale2_layer0.0.bias"], 48);
  EXPECT_EQ(channels["scale1_layer0.0.bias"], 64);
  EXPECT_EQ(channels["scale2_layer3.0.bias"], 384);
  EXPECT_EQ(channels["scale2_layer4.0.bias"], 512);  // not 768
}

TEST(PatchDiscriminator, LayersAreConvolutionNormAndLeakyRelu) {
  Smallest node;
  node.input("real", at::zeros({1, 1, 4, 4})).input("fake", at::zeros({1, 1, 4, 4}));
  clear(node);
  tensor_of(node, "scale0_layer0.0.bias").fill_(-1);
  tensor_of(node, "scale0_layer1.0.bias").fill_(3);
  tensor_of(node, "scale0_layer1.1.running_mean").fill_(1);
  tensor_of(node, "scale0_layer1.1.running_var").fill_(4);
  tensor_of(node, "scale0_layer1.1.weight").fill_(2);
  tensor_of(node, "scale0_layer1.1.bias").fill_(-12);
  tensor_of(node, "scale0_layer2.0.bias").fill_(-7);
  const Verdict real = judgement_of(node).real[0];
  EXPECT_THAT(values(real.features[0]), Each(::testing::FloatEq(-0.2F)));
  // (3 - 1) / sqrt(4) * 2 - 12 = -10, a fifth of it; the norm adds 1e-5 to the 4.
  EXPECT_THAT(values(real.features[1]), Each(::testing::FloatNear(-2, 1e-5)));
  EXPECT_THAT(values(real.score), Each(-7));
}

TEST(PatchDiscriminator, ConditionsComeBeforeASingleFrame) {
  Smallest node;
  node.input("real", at::full({1, 3, 2, 2}, 1.0)).input("fake", at::full({1, 3, 2, 2}, 2.0));
  node.input("conditions", at::full({1, 4, 2, 2}, 5.0));
  look_at(node, 3);
  EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), 5);
  look_at(node, 4);
  EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), 1);
}

TEST(PatchDiscriminator, ConditionsComeAfterTheFramesOfAClip) {
  Smallest node;
  const at::Tensor oldest = at::full({1, 3, 2, 2}, 1.0), newest = at::full({1, 3, 2, 2}, 2.0);
  const at::Tensor flow = at::full({1, 1, 2, 2, 2}, 5.0);  // one frame of two channels
  node.input("real", std::vector<at::Tensor>{oldest, newest}).input("fake", std::vector<at::Tensor>{newest, oldest});
  node.input("conditions", flow);
  // Flows are divided by 20.
  for (const auto& [channel, seen] : {std::pair{0, 1.0F}, {3, 2.0F}, {6, 0.25F}}) {
    look_at(node, channel);
    EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), seen) << "channel " << channel;
  }
}

TEST(PatchDiscriminator, TheGraphMaySayWhatConditionsAreDividedBy) {
  Smallest node;
  node.set("conditions_divisor", 2.0);
  node.input("real", at::full({1, 3, 2, 2}, 1.0)).input("fake", at::full({1, 3, 2, 2}, 2.0));
  node.input("conditions", at::full({1, 4, 2, 2}, 5.0));
  look_at(node, 3);
  EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), 2.5F);
}

TEST(PatchDiscriminator, WithSpectralNormsKernelsStretchNothing) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{1}).set("layers", int64_t{1}).set("features", int64_t{2}).set("spectral_norm", true);
  node.input("real", at::zeros({1, 1, 2, 2})).input("fake", at::zeros({1, 1, 2, 2}));
  EXPECT_THAT(keys_of(node),
              ElementsAre("scale0_layer0.0.bias", "scale0_layer0.0.weight_orig", "scale0_layer0.0.weight_u",
                          "scale0_layer0.0.weight_v", "scale0_layer1.0.bias", "scale0_layer1.0.weight_orig",
                          "scale0_layer1.0.weight_u", "scale0_layer1.0.weight_v", "scale0_layer1.1.weight",
                          "scale0_layer1.1.bias", "scale0_layer1.1.running_mean", "scale0_layer1.1.running_var",
                          "scale0_layer1.1.num_batches_tracked", "scale0_layer2.0.bias", "scale0_layer2.0.weight_orig",
                          "scale0_layer2.0.weight_u", "scale0_layer2.0.weight_v"));
  fill(node);
  // A kernel of one number, 7, has the largest singular value 7, which the vectors of that place find.
  const at::Tensor weight = tensor_of(node, "scale0_layer0.0.weight_orig").zero_();
  weight[0][0][2][2].fill_(7);
  tensor_of(node, "scale0_layer0.0.bias").zero_();
  for (const char* vector : {"u", "v"}) tensor_of(node, std::string("scale0_layer0.0.weight_") + vector).zero_();
  tensor_of(node, "scale0_layer0.0.weight_u")[0].fill_(1);
  tensor_of(node, "scale0_layer0.0.weight_v")[2 * 4 + 2].fill_(1);
  node.clear_inputs().input("real", at::full({1, 1, 2, 2}, 3.0)).input("fake", at::full({1, 1, 2, 2}, 3.0));
  EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), 3);
}

TEST(PatchDiscriminator, RunningStatisticsFollowEachValueOnceInTraining) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{1}).set("layers", int64_t{1}).set("features", int64_t{1});
  node.input("real", at::zeros({2, 1, 4, 4}))
      .input("fake", at::zeros({2, 1, 4, 4}))
      .input("fake", at::zeros({2, 1, 4, 4}));
  clear(node);
  tensor_of(node, "scale0_layer1.0.bias").fill_(10);  // what the norm sees everywhere
  node.run();
  EXPECT_EQ(tensor_of(node, "scale0_layer1.1.num_batches_tracked").item<int64_t>(), 0);
  EXPECT_THAT(values(tensor_of(node, "scale0_layer1.1.running_mean")), Each(0));
  node.context().set_training(true);
  node.run();
  EXPECT_EQ(tensor_of(node, "scale0_layer1.1.num_batches_tracked").item<int64_t>(), 3);
  // A tenth of the way to 10, three times: 1, 1.9, 2.71.
  EXPECT_THAT(values(tensor_of(node, "scale0_layer1.1.running_mean")), Each(::testing::FloatNear(2.71F, 1e-5)));
  EXPECT_FALSE(tensor_of(node, "scale0_layer1.1.running_mean").requires_grad());
}

TEST(PatchDiscriminator, RunningStatisticsOfSingleFramesStayOutOfTheGradients) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{1}).set("layers", int64_t{1}).set("features", int64_t{1});
  node.input("real", at::zeros({1, 1, 4, 4})).input("fake", at::zeros({1, 1, 4, 4}));
  fill(node);
  for (const auto& [key, parameter] : node.module().tensors()) {
    if (parameter->role() == nn::Parameter::Role::Learnt) parameter->set((*parameter)->requires_grad_());
  }
  node.context().set_training(true);
  EXPECT_TRUE(judgement_of(node).real[0].score.requires_grad());
  EXPECT_EQ(tensor_of(node, "scale0_layer1.1.num_batches_tracked").item<int64_t>(), 2);
  EXPECT_FALSE(tensor_of(node, "scale0_layer1.1.running_mean").requires_grad());
}

TEST(PatchDiscriminator, TheGraphMaySayWhereConditionsGo) {
  Smallest node;
  node.set("conditions_first", false);
  node.input("real", at::full({1, 3, 2, 2}, 1.0)).input("fake", at::full({1, 3, 2, 2}, 2.0));
  node.input("conditions", at::full({1, 4, 2, 2}, 5.0));
  look_at(node, 3);
  EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), 5);
  look_at(node, 2);
  EXPECT_EQ(judgement_of(node).real[0].features[0][0][0][0][0].item<float>(), 1);
}

TEST(PatchDiscriminator, CoarserScalesSeeTheMeansOfThePyramid) {
  Smallest node;
  node.set("scales", int64_t{2});
  const at::Tensor map = map_of({{1, 2, 9, 9}, {3, 6, 9, 9}, {9, 9, 9, 9}, {9, 9, 9, 9}});
  node.input("real", map).input("fake", map);
  look_at(node, 0);  // of scale 0, the coarser one
  // The first of its pixels is the mean of the four that lie within the map: 3x3 pixels around the corner.
  EXPECT_EQ(judgement_of(node).real[1].features[0][0][0][0][0].item<float>(), 3);
}

TEST(PatchDiscriminator, JudgesEachFakeByItself) {
  const at::Tensor real = weights::fill_input("real", {1, 3, 8, 8}), a = weights::fill_input("a", {1, 3, 8, 8}),
                   b = weights::fill_input("b", {1, 3, 8, 8});
  NodeRunner both("gan.patch_discriminator"), alone("gan.patch_discriminator");
  both.input("real", real).input("fake", a).input("fake", b);
  alone.input("real", b).input("fake", real);
  fill(both);
  fill(alone);
  // With the statistics of the batch, other values in the same call would move these.
  const Judgement of_both = judgement_of(both);
  const Judgement of_one = judgement_of(alone);
  ASSERT_EQ(of_both.fakes.size(), 2U);
  for (size_t scale = 0; scale < 2; ++scale) {
    EXPECT_TRUE(of_both.fakes[1][scale].score.equal(of_one.real[scale].score));
    EXPECT_TRUE(of_both.real[scale].score.equal(of_one.fakes[0][scale].score));
  }
}

TEST(PatchDiscriminator, GradientsAreThoseOfDifferences) {
  NodeRunner node("gan.patch_discriminator");
  node.set("scales", int64_t{1}).set("layers", int64_t{2}).set("features", int64_t{4});
  const at::Tensor fake = weights::fill_input("fake", {1, 3, 12, 12}).to(at::kDouble);
  const at::Tensor direction = weights::fill_input("direction", {1, 3, 12, 12}).to(at::kDouble);
  node.input("real", fake).input("fake", fake);
  fill(node);
  for (const auto& [key, parameter] : node.module().tensors()) {
    if ((*parameter)->is_floating_point()) parameter->set((*parameter)->to(at::kDouble));
  }
  node.context().set_precision(at::kDouble);
  // Of the deepest features: scores are rounded to float.
  const auto once = [&](const at::Tensor& maps) {
    node.clear_inputs().input("real", fake).input("fake", maps);
    return judgement_of(node).fakes[0][0].features.back().square().sum();
  };
  const at::Tensor variable = fake.clone().requires_grad_();
  once(variable).backward();
  const double slope = (variable.grad() * direction).sum().item<double>();
  const double step = 1e-6;
  const double difference = (once(fake + direction * step) - once(fake - direction * step)).item<double>() / (2 * step);
  EXPECT_NEAR(slope, difference, 1e-5 * std::abs(difference));  // the error of the difference, 1e-16 / 1e-6 of the sum
}

TEST(PatchDiscriminator, RefusesAFakeOfAnotherSize) {
  NodeRunner node("gan.patch_discriminator");
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 4}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "the inputs of gan.patch_discriminator must have one size, but `real` is [1, 3, 8, 8] and `fake` is [1, 3, "
            "8, 4]");
}

TEST(PatchDiscriminator, RefusesConditionsOfAnotherSize) {
  NodeRunner node("gan.patch_discriminator");
  node.input("real", at::zeros({1, 3, 8, 8})).input("fake", at::zeros({1, 3, 8, 8}));
  node.input("conditions", at::zeros({1, 35, 4, 8}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "the inputs of gan.patch_discriminator must have one size, but `real` is [1, 3, 8, 8] and `conditions` is "
            "[1, 35, 4, 8]");
}

TEST(PatchDiscriminator, RefusesWhatIsNeitherAFrameNorAClip) {
  NodeRunner node("gan.patch_discriminator");
  node.input("real", at::zeros({3, 8, 8})).input("fake", at::zeros({3, 8, 8}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "gan.patch_discriminator takes frames [B, C, H, W] or clips [B, T, C, H, W], but `real` is [3, 8, 8]");
}

}  // namespace
}  // namespace weft
