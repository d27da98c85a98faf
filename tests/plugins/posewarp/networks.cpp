#include "framework/gan/judgement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

constexpr int64_t kHeight = 32, kWidth = 64;

at::Tensor image(const char* name, int64_t batch = 1) {
  return weights::fill_input(name, {batch, 3, kHeight, kWidth});
}

/// Joints in the frame, all found: [B, 14, 3].
at::Tensor joints(const char* name, int64_t batch = 1) {
  at::Tensor numbers = weights::fill_input(name, {batch, 14, 3});
  numbers.select(2, 0).add_(1).mul_(kWidth / 2.0);
  numbers.select(2, 1).add_(1).mul_(kHeight / 2.0);
  numbers.select(2, 2).fill_(1);
  return numbers;
}

at::Tensor masks(int64_t batch = 1) {
  return at::softmax(weights::fill_input("masks", {batch, 11, kHeight, kWidth}), 1);
}

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

std::map<std::string, std::vector<int64_t>> shapes_of(NodeRunner& node) {
  std::map<std::string, std::vector<int64_t>> shapes;
  for (const auto& [key, parameter] : node.module().tensors()) shapes[key] = parameter->shape();
  return shapes;
}

struct Segmentation : NodeRunner {
  explicit Segmentation(int64_t batch = 1) : NodeRunner("posewarp.segmentation") {
    set("features", int64_t{4}).input("image", image("image", batch)).input("joints", joints("source", batch));
  }
};

struct Foreground : NodeRunner {
  Foreground() : NodeRunner("posewarp.foreground") {
    set("features", int64_t{4}).input("image", image("image")).input("masks", masks());
    input("source", joints("source")).input("target", joints("target"));
  }
};

/// Filters 64, 64, 128 …; the joints come in at layer 2, and the decoder joins layers 8, 6, 4, 2 and 0.
TEST(PoseWarp, NetworksHaveTheOriginalsWidths) {
  NodeRunner node("posewarp.segmentation");
  node.input("image", image("image")).input("joints", joints("source"));
  const auto shapes = shapes_of(node);
  EXPECT_EQ(shapes.at("segmentation.net.enc.0.weight"), (std::vector<int64_t>{64, 3, 7, 7}));
  EXPECT_EQ(shapes.at("segmentation.net.enc.2.weight"), (std::vector<int64_t>{128, 64 + 14, 3, 3}));
  EXPECT_EQ(shapes.at("segmentation.net.enc.10.weight"), (std::vector<int64_t>{128, 128, 3, 3}));
  EXPECT_EQ(shapes.at("segmentation.net.dec.3.weight"), (std::vector<int64_t>{128, 128 + 128, 3, 3}));
  EXPECT_EQ(shapes.at("segmentation.net.dec.4.weight"), (std::vector<int64_t>{32, 128 + 64, 3, 3}));
  EXPECT_EQ(shapes.at("segmentation.masks.weight"), (std::vector<int64_t>{11, 32, 3, 3}));
  EXPECT_EQ(shapes.size(), 2U * (11 + 5 + 1));
  NodeRunner judge("posewarp.discriminator");
  judge.input("real", at::zeros({1, 3, 256, 256})).input("fake", at::zeros({1, 3, 256, 256}));
  judge.input("source", joints("source")).input("target", joints("target"));
  const auto of_judge = shapes_of(judge);
  EXPECT_EQ(of_judge.at("conv.0.weight"), (std::vector<int64_t>{64, 3, 5, 5}));
  EXPECT_EQ(of_judge.at("conv.1.weight"), (std::vector<int64_t>{128, 64 + 28, 5, 5}));
  EXPECT_EQ(of_judge.at("conv.5.weight"), (std::vector<int64_t>{256, 256, 3, 3}));
  EXPECT_EQ(of_judge.at("dense.0.weight"), (std::vector<int64_t>{256, 256 * 8 * 8}));
  EXPECT_EQ(of_judge.at("dense.2.weight"), (std::vector<int64_t>{1, 256}));
}

TEST(PoseWarpSegmentation, MasksAddUpTo1AndFollowThePriorAlone) {
  Segmentation node;
  fill(node);
  EXPECT_TRUE(at::allclose(node.run().tensor("masks").sum(1), at::zeros({1, kHeight, kWidth}) + 1));
  for (const auto& [key, parameter] : node.module().tensors())
    if (key.starts_with("segmentation.masks")) (**parameter).zero_();
  // Where the network adds nothing, each limb's mask is its Gaussian divided by the sum of all.
  const at::Tensor nobody = at::zeros({1, 14, 3});
  node.clear_inputs().input("image", image("image")).input("joints", nobody);
  EXPECT_NEAR(node.run().tensor("masks").select(1, 0).min().item<double>(), 1, 1e-6);
}

TEST(PoseWarpSegmentation, SamplesOfABatchAreIndependent) {
  Segmentation both(2), one;
  one.clear_inputs()
      .input("image", image("image", 2).narrow(0, 1, 1))
      .input("joints", joints("source", 2).narrow(0, 1, 1));
  fill(both);
  fill(one);
  EXPECT_TRUE(at::allclose(both.run().tensor("masks").narrow(0, 1, 1), one.run().tensor("masks"), 1e-4, 1e-5));
}

TEST(PoseWarpBackground, SeesNothingOfTheLimbs) {
  const auto drawn = [](const at::Tensor& source) {
    at::Tensor only_background = at::zeros({1, 11, kHeight, kWidth});
    only_background.select(1, 0).narrow(2, 0, 20).fill_(1);
    NodeRunner node("posewarp.background");
    node.set("features", int64_t{4}).input("image", source).input("masks", only_background);
    node.input("joints", joints("source"));
    fill(node);
    return node.run().tensor("image").clone();
  };
  at::Tensor changed = image("image").clone();
  changed.narrow(3, 20, kWidth - 20).fill_(1);
  EXPECT_TRUE(at::equal(drawn(image("image")), drawn(changed)));
  changed.narrow(3, 0, 1).fill_(1);
  EXPECT_FALSE(at::allclose(drawn(image("image")), drawn(changed)));
}

TEST(PoseWarpForeground, SeesNothingOfTheBackgroundAndItsMaskIsOne) {
  Foreground node;
  at::Tensor limbs = masks();
  limbs.select(1, 0).fill_(1);  // the background's own mask is not read
  fill(node);
  const at::Tensor drawn = node.run().tensor("image").clone(), mask = node.tensor("mask");
  EXPECT_GE(mask.min().item<double>(), 0);
  EXPECT_LE(mask.max().item<double>(), 1);
  node.clear_inputs().input("image", image("image")).input("masks", limbs);
  node.input("source", joints("source")).input("target", joints("target"));
  EXPECT_TRUE(at::equal(node.run().tensor("image"), drawn));
}

TEST(PoseWarpDiscriminator, JudgesEachImageByItself) {
  const auto scores = [](int64_t batch, int64_t first) {
    NodeRunner node("posewarp.discriminator");
    node.set("features", int64_t{2});
    const auto some = [&](const at::Tensor& all) { return all.narrow(0, first, batch); };
    node.input("real", some(image("real", 2))).input("fake", some(image("fake", 2)));
    node.input("source", some(joints("source", 2))).input("target", some(joints("target", 2)));
    fill(node);
    return node.run().value("judgement").as<gan::Judgement>().fakes[0][0].score.clone();
  };
  EXPECT_EQ(scores(2, 0).sizes(), (std::vector<int64_t>{2, 1}));
  EXPECT_TRUE(at::allclose(scores(2, 0).narrow(0, 1, 1), scores(1, 1), 1e-4, 1e-5));
}

struct Perceptual : NodeRunner {
  Perceptual(const at::Tensor& fake, const at::Tensor& real) : NodeRunner("posewarp.perceptual") {
    input("fake", fake).input("real", real);
    fill(*this);
  }
};

TEST(PoseWarpPerceptual, IsZeroForEqualImagesAndGrowsWithDifferences) {
  const at::Tensor real = image("real"), other = image("fake");
  EXPECT_EQ(Perceptual(real, real).run().tensor("value").item<double>(), 0);
  const double near = Perceptual(real + (other - real) * 0.01, real).run().tensor("value").item<double>(),
               far = Perceptual(other, real).run().tensor("value").item<double>();
  EXPECT_GT(near, 0);
  EXPECT_GT(far, near);
}

TEST(PoseWarpPerceptual, KnownDeviationsTakeThePlaceOfThoseAtHand) {
  const at::Tensor real = image("real"), fake = image("fake");
  const auto value = [&](double deviation) {
    Perceptual node(fake, real);
    for (const auto& [key, parameter] : node.module().tensors())
      if (key.starts_with("deviation")) (**parameter).fill_(deviation);
    return node.run().tensor("value").item<double>();
  };
  // Each channel is divided by its deviation + 0.1.
  EXPECT_NEAR(value(0.9) / value(1.9), 2, 1e-4);
  EXPECT_NE(value(0), value(0.9));
}

TEST(PoseWarp, SizesThatCannotBeHalvedAreRefused) {
  NodeRunner node("posewarp.segmentation");
  node.input("image", at::zeros({1, 3, 48, 64})).input("joints", joints("source"));
  EXPECT_EQ(
      error_text([&] { node.run(); }),
      "posewarp.segmentation needs a height and a width that are multiples of 32, since it halves its maps 5 times, "
      "but got 48x64\n  resize the input where it is read, or with image.resize");
}

}  // namespace
}  // namespace weft
