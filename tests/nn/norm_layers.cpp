#include "framework/nn/layers.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/instance_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/ones.h>
#include <c10/core/GradMode.h>

namespace weft {
namespace {

using nn::NormOptions;
using Kind = NormOptions::Kind;
using Statistics = NormOptions::Statistics;
using ::testing::ElementsAre;

/// Maps of two and of three axes.
class MapNorm : public ::testing::TestWithParam<std::vector<int64_t>> {};

INSTANTIATE_TEST_SUITE_P(Axes, MapNorm,
                         ::testing::Values(std::vector<int64_t>{3, 4, 5, 6}, std::vector<int64_t>{3, 4, 2, 5, 6},
                                           std::vector<int64_t>{1, 4, 5, 6}, std::vector<int64_t>{1, 4, 2, 5, 6}));

TEST_P(MapNorm, ByModeIsABatchNormOfLibTorch) {
  Trial<nn::Norm> norm(int64_t{4}, NormOptions{.statistics = Statistics::ByMode, .epsilon = 1e-3, .momentum = 0.3});
  EXPECT_THAT(norm.keys(),
              ElementsAre("weight [4]", "bias [4]", "running_mean [4]", "running_var [4]", "num_batches_tracked []"));
  const at::Tensor x = norm.draw(GetParam()) * 2 + 3, mean = norm["running_mean"].clone(),
                   variance = norm["running_var"].clone();
  const auto expected = [&](bool training) {
    return at::batch_norm(x, norm["weight"], norm["bias"], mean, variance, training, 0.3, 1e-3, false);
  };
  expect_near((*norm)(x), expected(false));
  EXPECT_EQ(norm["num_batches_tracked"].item<int64_t>(), 0);
  norm.root().train(true);
  expect_near((*norm)(x), expected(true), 1e-10);
  expect_near(norm["running_mean"], mean, 1e-6);  // of single samples they are kept in float
  expect_near(norm["running_var"], variance, 1e-6);
  EXPECT_EQ(norm["num_batches_tracked"].item<int64_t>(), 1);
}

TEST_P(MapNorm, InstanceNormWithAWeightAndWithoutRunningStatistics) {
  Trial<nn::Norm> norm(int64_t{4},
                       NormOptions{.kind = Kind::Instance, .epsilon = 0.1, .affine = true, .running = false});
  EXPECT_THAT(norm.keys(), ElementsAre("weight [4]", "bias [4]"));
  const at::Tensor x = norm.draw(GetParam());
  const at::Tensor expected = at::instance_norm(x, norm["weight"], norm["bias"], {}, {}, true, 0.1, 0.1, false);
  for (const bool is_training : {false, true}) {
    norm.root().train(is_training);
    expect_near((*norm)(x), expected, 1e-10);
    const c10::NoGradGuard no_gradients;
    expect_near((*norm)(x), expected, 1e-10);
  }
}

TEST_P(MapNorm, BatchNormWithoutAnyTensors) {
  Trial<nn::Norm> norm(int64_t{4}, NormOptions{.affine = false, .running = false});
  EXPECT_THAT(norm.keys(), ElementsAre());
  norm.root().train(true);
  const at::Tensor x = norm.draw(GetParam());
  expect_near((*norm)(x), at::batch_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false), 1e-10);
}

TEST_P(MapNorm, GradientsAgreeWithDifferences) {
  for (const Kind kind : {Kind::Batch, Kind::Instance}) {
    Trial<nn::Norm> norm(int64_t{4}, NormOptions{.kind = kind, .affine = true});
    const at::Tensor x = norm.draw(GetParam());
    expect_gradients({x, norm["weight"], norm["bias"]}, [&] { return (*norm)(x); });
  }
}

TEST(Norm, WithoutAWeightHasNone) {
  Trial<nn::Norm> norm(int64_t{4}, NormOptions{.statistics = Statistics::ByMode, .affine = false});
  EXPECT_THAT(norm.keys(), ElementsAre("running_mean [4]", "running_var [4]", "num_batches_tracked []"));
}

TEST(Norm, FrozenIsTorchvisionsFormulaAndLearnsNothing) {
  Trial<nn::Norm> norm(int64_t{4}, NormOptions{.statistics = Statistics::Frozen, .epsilon = 0});
  EXPECT_THAT(norm.keys(), ElementsAre("weight [4]", "bias [4]", "running_mean [4]", "running_var [4]"));
  EXPECT_TRUE(norm.learnt().empty());
  const auto of_channel = [&](const std::string& key) { return norm[key].view({1, 4, 1, 1}); };
  const at::Tensor x = norm.draw({2, 4, 3, 5}), mean = norm["running_mean"].clone();
  const at::Tensor scale = of_channel("weight") / of_channel("running_var").sqrt();
  norm.root().train(true);
  expect_near((*norm)(x), x * scale + (of_channel("bias") - of_channel("running_mean") * scale));
  expect_near(norm["running_mean"], mean, 0);
}

TEST(Norm, RunningStatisticsWorkInBfloat16) {
  for (const Statistics statistics : {Statistics::Running, Statistics::ByMode, Statistics::Frozen}) {
    nn::Module root;
    const nn::Norm norm(root, "", 4, {.statistics = statistics});
    root.initialise(at::make_generator<at::CPUGeneratorImpl>(1));
    root.to(at::kCPU, at::kBFloat16);
    const at::Tensor x = nn::enter(at::ones({2, 4, 3, 5}), at::kBFloat16), y = norm(x);
    EXPECT_EQ(y.scalar_type(), at::kBFloat16);
    EXPECT_LE((y.to(at::kFloat) - 1).abs().max().item<float>(), 0.1);  // weights are drawn about 1 by 0.02
  }
}

TEST(GroupNorm, ComputesWhatLibTorchDoes) {
  Trial<nn::GroupNorm> norm(nn::GroupNormOptions{.groups = 2, .channels = 6, .epsilon = 1e-3});
  EXPECT_THAT(norm.keys(), ElementsAre("weight [6]", "bias [6]"));
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{2, 6, 5, 3}, {2, 6, 2, 5, 3}}) {
    const at::Tensor x = norm.draw(shape);
    expect_near((*norm)(x), at::group_norm(x, 2, norm["weight"], norm["bias"], 1e-3), 0);
    expect_gradients({x, norm["weight"], norm["bias"]}, [&] { return (*norm)(x); });
  }
}

TEST(LayerNorm, ComputesWhatLibTorchDoes) {
  Trial<nn::LayerNorm> norm(nn::LayerNormOptions{.shape = {5, 3}, .epsilon = 1e-3});
  EXPECT_THAT(norm.keys(), ElementsAre("weight [5, 3]", "bias [5, 3]"));
  const at::Tensor x = norm.draw({2, 4, 5, 3});
  expect_near((*norm)(x), at::layer_norm(x, {5, 3}, norm["weight"], norm["bias"], 1e-3), 0);
  expect_gradients({x, norm["weight"], norm["bias"]}, [&] { return (*norm)(x); });
}

TEST(LayerNorm, WithoutAWeightHasNoTensors) {
  Trial<nn::LayerNorm> norm(nn::LayerNormOptions{.shape = {3}, .affine = false});
  EXPECT_THAT(norm.keys(), ElementsAre());
  const at::Tensor x = norm.draw({2, 4, 3});
  expect_near((*norm)(x), at::layer_norm(x, {3}), 0);
}

TEST(Enter, TakesMapsWithFramesInEachType) {
  const at::Tensor x = at::ones({1, 2, 3, 4, 5});
  EXPECT_EQ(nn::enter(x, at::kBFloat16).sizes(), x.sizes());
  EXPECT_TRUE(nn::enter(x.select(2, 0), at::kBFloat16).is_contiguous(at::MemoryFormat::ChannelsLast));
}

}  // namespace
}  // namespace weft
