#include "framework/gan/judgement.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

constexpr int64_t kKeypoints = 3;

at::Tensor image(const char* name, int64_t batch = 1, int64_t height = 16, int64_t width = 24) {
  return weights::fill_input(name, {batch, 3, height, width});
}

/// Keypoints of a frame at random places, with round variances of 0.1^2.
at::Tensor keypoints(const char* name, int64_t batch = 1) {
  const at::Tensor factor = at::tensor({0.1, 0.0, 0.1}).to(at::kFloat).expand({batch, kKeypoints, 3});
  return at::cat({weights::fill_input(name, {batch, kKeypoints, 2}) * 0.8, factor}, 2);
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

void make_small(NodeRunner& node) {
  node.set("features", int64_t{4}).set("most_features", int64_t{8}).set("blocks", int64_t{2});
}

struct Detector : NodeRunner {
  explicit Detector(const char* type = "monkeynet.detector") : NodeRunner(type) {
    make_small(*this);
    set("keypoints", kKeypoints);
  }
};

struct Motion : NodeRunner {
  explicit Motion(int64_t batch = 1) : NodeRunner("monkeynet.motion") {
    make_small(*this);
    input("image", image("source", batch))
        .input("source", keypoints("a", batch))
        .input("driving", keypoints("b", batch));
  }
};

// The published networks of taichi: widths of the maps, and entries of the files.
TEST(MonkeyNet, NetworksHaveThePublishedKeys) {
  NodeRunner detector("monkeynet.detector");
  detector.input("image", at::zeros({1, 3, 64, 64}));
  auto shapes = shapes_of(detector);
  EXPECT_EQ(shapes.at("predictor.encoder.down_blocks.4.conv.weight"), (std::vector<int64_t>{1024, 512, 1, 3, 3}));
  EXPECT_EQ(shapes.at("predictor.decoder.up_blocks.1.conv.weight"), (std::vector<int64_t>{256, 1024, 1, 3, 3}));
  EXPECT_EQ(shapes.at("predictor.decoder.conv.weight"), (std::vector<int64_t>{10, 35, 1, 3, 3}));
  EXPECT_EQ(shapes.size(), 72U);  // 10 blocks of 7, and the last convolution

  const at::Tensor ten = at::zeros({1, 10, 5});
  NodeRunner motion("monkeynet.motion");
  motion.input("image", at::zeros({1, 3, 64, 64})).input("source", ten).input("driving", ten);
  shapes = shapes_of(motion);
  EXPECT_EQ(shapes.at("dense_motion_module.group_blocks.0.conv.weight"), (std::vector<int64_t>{44, 4, 1, 1, 1}));
  EXPECT_EQ(shapes.at("dense_motion_module.hourglass.decoder.conv.weight"), (std::vector<int64_t>{13, 76, 1, 3, 3}));

  NodeRunner generator("monkeynet.generator");
  generator.input("image", at::zeros({1, 3, 64, 64})).input("motion", at::zeros({1, 2, 64, 64}));
  generator.input("source", ten).input("driving", ten);
  shapes = shapes_of(generator);
  EXPECT_EQ(shapes.at("video_decoder.up_blocks.4.conv.weight"), (std::vector<int64_t>{32, 138, 1, 3, 3}));
  EXPECT_EQ(shapes.at("refinement_module.r3.conv2.weight"), (std::vector<int64_t>{45, 45, 1, 3, 3}));
  EXPECT_EQ(shapes.at("refinement_module.conv-last.weight"), (std::vector<int64_t>{3, 45, 1, 1, 1}));

  NodeRunner judge("monkeynet.discriminator");
  judge.input("real", at::zeros({1, 3, 64, 64})).input("fake", at::zeros({1, 3, 64, 64}));
  judge.input("source", ten).input("driving", ten);
  shapes = shapes_of(judge);
  EXPECT_EQ(shapes.at("down_blocks.0.conv.weight"), (std::vector<int64_t>{64, 13, 1, 4, 4}));
  EXPECT_FALSE(shapes.contains("down_blocks.0.norm.weight"));
  EXPECT_EQ(shapes.at("down_blocks.3.conv.weight"), (std::vector<int64_t>{256, 256, 1, 4, 4}));
}

/// Scores of 0 are a heatmap that is the same everywhere: its mean is the middle, and the variance of x in steps of 2 / (n - 1)
/// is (n + 1) / (3 (n - 1)). The original adds 1e-7 to each cell of the heatmap.
TEST(MonkeyNetDetector, AFlatHeatmapIsTheMiddleOfTheFrame) {
  Detector node;
  node.input("image", image("image"));
  fill(node);
  for (const auto& [key, parameter] : node.module().tensors())
    if (key.starts_with("predictor.decoder.conv")) (**parameter).zero_();
  const at::Tensor found = node.run().tensor("keypoints")[0][0];
  const double extra = 1 + 1e-7 * 16 * 24;
  EXPECT_NEAR(found[0].item<double>(), 0, 1e-6);
  EXPECT_NEAR(found[2].item<double>(), std::sqrt(extra * 25.0 / (3 * 23)), 1e-5);
  EXPECT_NEAR(found[3].item<double>(), 0, 1e-5);
  EXPECT_NEAR(found[4].item<double>(), std::sqrt(extra * 17.0 / (3 * 15)), 1e-5);
}

TEST(MonkeyNetDetector, OneNumberMayStandForBothVariances) {
  const auto factor = [](const char* form) {
    Detector node;
    node.set("variance", form).set("fixed_variance", 0.04).input("image", image("image"));
    fill(node);
    return node.run().tensor("keypoints").narrow(2, 2, 3)[0][0].clone();
  };
  EXPECT_TRUE(at::allclose(factor("fixed"), at::tensor({0.2F, 0.0F, 0.2F})));
  const at::Tensor matrix = factor("matrix"), single = factor("single");
  EXPECT_NEAR(single[0].item<double>(), single[2].item<double>(), 1e-6);
  // The trace of L L' is twice the single variance.
  EXPECT_NEAR(matrix.square().sum().item<double>(), 2 * single[0].square().item<double>(), 1e-5);
}

TEST(MonkeyNetDetector, APairIsTwoFramesOutsideOfTraining) {
  Detector one, pair("monkeynet.pair_detector");
  one.input("image", image("a"));
  pair.input("source", image("a")).input("driving", image("b"));
  fill(one);
  fill(pair);
  EXPECT_TRUE(at::allclose(one.run().tensor("keypoints"), pair.run().tensor("source"), 1e-5, 1e-6));
}

TEST(MonkeyNetDetector, APairSharesItsStatisticsInTraining) {
  const auto found = [](const char* other) {
    Detector node("monkeynet.pair_detector");
    node.input("source", image("a")).input("driving", image(other));
    fill(node);
    node.module().train(true);
    node.context().set_training(true);
    return node.run().tensor("source").clone();
  };
  EXPECT_TRUE(at::equal(found("b"), found("b")));
  EXPECT_FALSE(at::allclose(found("a"), found("b")));
}

TEST(MonkeyNetMotion, NothingMovesWhereKeypointsAreTheSameAndNothingIsCorrected) {
  Motion node;
  node.set("correction", false).clear_inputs();
  node.input("image", image("source")).input("source", keypoints("a")).input("driving", keypoints("a"));
  fill(node);
  node.run();
  EXPECT_TRUE(at::allclose(node.tensor("flow"), at::zeros({1, 2, 16, 24}), 0, 1e-5));
  EXPECT_FLOAT_EQ(node.tensor("motion")[0][0][3][23].item<float>(), 1);
  EXPECT_FLOAT_EQ(node.tensor("motion")[0][1][0][5].item<float>(), -1);
}

/// All masks are 1 / (K + 1), and the background does not move.
TEST(MonkeyNetMotion, BeginsWithTheMeanOfTheShifts) {
  Motion node;
  node.module().initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  const at::Tensor flow = node.run().tensor("flow");
  const at::Tensor shift = (keypoints("a") - keypoints("b"))[0].narrow(1, 0, 2).sum(0) / (1.0 + kKeypoints);
  EXPECT_TRUE(at::allclose(flow[0][0], at::zeros({16, 24}) + shift[0] * (23.0 / 2), 1e-4, 1e-5));
  EXPECT_TRUE(at::allclose(flow[0][1], at::zeros({16, 24}) + shift[1] * (15.0 / 2), 1e-4, 1e-5));
}

TEST(MonkeyNetMotion, ACorrectionAloneMovesEachPixel) {
  Motion node;
  node.set("masks", false);
  fill(node);
  for (const auto& [key, parameter] : node.module().tensors()) {
    if (key == "dense_motion_module.hourglass.decoder.conv.weight") (**parameter).zero_();
    if (key == "dense_motion_module.hourglass.decoder.conv.bias") parameter->set(at::tensor({0.5F, -0.25F}));
  }
  const at::Tensor flow = node.run().tensor("flow");
  EXPECT_NEAR(flow[0][0].min().item<double>(), 0.5 * 23 / 2, 1e-4);  // pixels
  EXPECT_NEAR(flow[0][1].max().item<double>(), -0.25 * 15 / 2, 1e-4);
}

TEST(MonkeyNetMotion, SamplesOfABatchAreIndependent) {
  Motion both(2);
  fill(both);
  const at::Tensor all = both.run().tensor("motion").clone();
  Motion one;
  one.clear_inputs().input("image", image("source", 2).narrow(0, 1, 1));
  one.input("source", keypoints("a", 2).narrow(0, 1, 1)).input("driving", keypoints("b", 2).narrow(0, 1, 1));
  fill(one);
  EXPECT_TRUE(at::allclose(one.run().tensor("motion"), all.narrow(0, 1, 1), 1e-4, 1e-5));
}

/// A motion that mirrors the source mirrors its pixels.
TEST(MonkeyNetGenerator, WarpedIsTheSourceAtThePositionsOfTheMotion) {
  Motion grid;
  grid.set("correction", false).clear_inputs();
  grid.input("image", image("source")).input("source", keypoints("a")).input("driving", keypoints("a"));
  fill(grid);
  const at::Tensor still = grid.run().tensor("motion");
  NodeRunner node("monkeynet.generator");
  make_small(node);
  node.set("refinement_blocks", int64_t{1});
  node.input("image", image("source")).input("motion", at::cat({-still.narrow(1, 0, 1), still.narrow(1, 1, 1)}, 1));
  node.input("source", keypoints("a")).input("driving", keypoints("b"));
  fill(node);
  node.run();
  EXPECT_TRUE(at::allclose(node.tensor("warped"), at::flip(image("source"), {3}), 1e-4, 1e-4));
  EXPECT_LE(node.tensor("image").abs().max().item<double>(), 1);
}

struct Judge : NodeRunner {
  Judge() : NodeRunner("monkeynet.discriminator") {
    make_small(*this);
    input("real", image("real", 2)).input("fake", image("fake", 2));
    input("source", keypoints("a", 2)).input("driving", keypoints("b", 2));
    fill(*this);
  }
};

TEST(MonkeyNetDiscriminator, GivesTheFrameEachBlockAndScores) {
  Judge node;
  const auto judgement = node.run().value("judgement").as<gan::Judgement>();
  const gan::Verdict& fake = judgement.fakes[0][0];
  ASSERT_EQ(fake.features.size(), 3U);
  EXPECT_TRUE(at::allclose(fake.features[0], (image("fake", 2) + 1) / 2));
  EXPECT_EQ(fake.features[1].sizes(), (std::vector<int64_t>{2, 8, 6, 10}));  // (16 - 3) / 2, (24 - 3) / 2
  EXPECT_EQ(fake.features[2].sizes(), (std::vector<int64_t>{2, 8, 1, 3}));
  EXPECT_EQ(fake.score.sizes(), (std::vector<int64_t>{2, 1, 1, 3}));
}

TEST(MonkeyNetReconstruction, IsTheWeightedDistanceOfAllMapsAndLearnsFromBothSides) {
  Judge judge;
  const auto judgement = judge.run().value("judgement").as<gan::Judgement>();
  gan::Judgement leaves = judgement;
  for (at::Tensor& map : leaves.real[0].features) map = map.clone().requires_grad_(true);
  NodeRunner node("monkeynet.reconstruction");
  node.set("weights", std::vector<double>{10, 0, 2}).input("in", Record::of(leaves));
  const at::Tensor value = node.run().tensor("value");
  const auto distance = [&](size_t i) {
    return (judgement.fakes[0][0].features[i] - judgement.real[0].features[i]).abs().mean().item<double>();
  };
  EXPECT_NEAR(value.item<double>(), 10 * distance(0) + 2 * distance(2), 1e-4);
  value.backward();
  EXPECT_GT(leaves.real[0].features[2].grad().abs().max().item<double>(), 0);
}

TEST(MonkeyNetReconstruction, WantsAWeightForEachMap) {
  Judge judge;
  const Value judgement = judge.run().value("judgement");
  NodeRunner node("monkeynet.reconstruction");
  node.input("in", judgement);
  EXPECT_EQ(error_text([&] { node.run(); }),
            "monkeynet.reconstruction has 5 weights, but the discriminator gives 3 maps\n  `weights` has one for the "
            "frames and one for each block of monkeynet.discriminator");
}

TEST(MonkeyNet, SizesThatCannotBeHalvedAreRefused) {
  Detector detector;
  detector.set("reduction", int64_t{4}).input("image", image("image", 1, 24, 16));
  EXPECT_EQ(
      error_text([&] { detector.run(); }),
      "monkeynet.detector needs a height and a width that are multiples of 16, which is 2^2 times `reduction`, but "
      "got 24x16\n  resize the frames where they are read, or with image.resize");
  NodeRunner judge("monkeynet.discriminator");
  judge.input("real", image("real")).input("fake", image("fake"));
  judge.input("source", keypoints("a")).input("driving", keypoints("b"));
  EXPECT_EQ(error_text([&] { judge.run(); }),
            "monkeynet.discriminator: frames of 16x24 are too small for 4 blocks\n  each block takes away 3 pixels and "
            "half of the rest: fewer `blocks`, or larger frames");
}

TEST(MonkeyNetMotion, AMotionOfNothingIsRefused) {
  Motion node;
  node.set("masks", false).set("correction", false);
  EXPECT_EQ(error_text([&] { node.run(); }), "monkeynet.motion moves nothing\n  set `masks` or `correction`");
}

}  // namespace
}  // namespace weft
