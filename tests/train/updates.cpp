// Which update moves what, and from which pass.
#include "tests/train/trained.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace weft::train {
namespace {

/// fake = w x, judged by v; x = 10 (one frame of the second sequence would be too many: t starts at 0, so x is shifted).
const std::string kGan = R"(
[run]
chunk = 1
[node.time]
use = "toy.ramp"
frames = 1
[node.x]
use = "toy.add"
in = ["time"]
plus = 2
[node.real]
use = "toy.add"
in = ["time"]
plus = 3
[node.G]
use = "toy.scale"
in = "x"
weight = 0.5
[node.D]
use = "toy.critic"
in.real = "real"
in.fake = ["G"]
weight = 0.25
[node.gan]
use = "toy.least_squares"
in = "D"
[weights]
"*" = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.1
[update.G.loss]
"gan.generator" = 1.0
[update.D]
of = ["D"]
use = "sgd"
lr = 0.1
[update.D.loss]
"gan.discriminator" = 0.5
)";

double generator_slope(double w, double v) {
  return 2 * (v * w * 2 - 1) * v * 2;
}
double discriminator_slope(double w, double v) {
  return (v * 3 - 1) * 3 + v * (w * 2) * (w * 2);
}

TEST(Updates, SharedTakesAllGradientsBeforeAnyStep) {
  Trained trained(kGan);
  trained.epoch();
  EXPECT_NEAR(trained.number("G/w"), 0.5 - 0.1 * generator_slope(0.5, 0.25), 1e-6);
  EXPECT_NEAR(trained.number("D/v"), 0.25 - 0.1 * discriminator_slope(0.5, 0.25), 1e-6);
  EXPECT_EQ(trained.number("D/calls"), 1);
}

TEST(Updates, SeparateJudgesOnceForEachUpdateWithTheSameGradients) {
  Trained trained(kGan, {"run.updates=separate"});
  trained.epoch();
  EXPECT_NEAR(trained.number("G/w"), 0.5 - 0.1 * generator_slope(0.5, 0.25), 1e-6);
  EXPECT_NEAR(trained.number("D/v"), 0.25 - 0.1 * discriminator_slope(0.5, 0.25), 1e-6);
  EXPECT_EQ(trained.number("D/calls"), 2);
  EXPECT_EQ(trained.number("G/calls"), 1) << "what is made is not made again";
}

TEST(Updates, AlternateSeesWhatTheStepBeforeHasChanged) {
  Trained trained(kGan, {"run.updates=alternate"});
  trained.epoch();
  const double w = 0.5 - 0.1 * generator_slope(0.5, 0.25);
  EXPECT_NEAR(trained.number("G/w"), w, 1e-6);
  EXPECT_NEAR(trained.number("D/v"), 0.25 - 0.1 * discriminator_slope(w, 0.25), 1e-6);
  EXPECT_EQ(trained.number("G/calls"), 2);
}

TEST(Updates, RecomputingChangesNothing) {
  for (const char* mode : {"shared", "separate", "alternate"}) {
    Trained plain(kGan, {text("run.updates=", mode)}), again(kGan, {text("run.updates=", mode), "run.recompute=true"});
    plain.epoch();
    again.epoch();
    EXPECT_EQ(again.number("G/w"), plain.number("G/w")) << mode;
    EXPECT_EQ(again.number("D/v"), plain.number("D/v")) << mode;
  }
}

TEST(Updates, OrderSaysWhoAlternatesFirst) {
  Trained trained(kGan, {"run.updates=alternate", "run.order=[\"D\", \"G\"]"});
  trained.epoch();
  const double v = 0.25 - 0.1 * discriminator_slope(0.5, 0.25);
  EXPECT_NEAR(trained.number("D/v"), v, 1e-6);
  EXPECT_NEAR(trained.number("G/w"), 0.5 - 0.1 * generator_slope(0.5, v), 1e-6);
  EXPECT_EQ(trained.number("G/calls"), 2) << "the generator's turn has a pass of its own";
}

TEST(Updates, ALossOfTheDiscriminatorMovesTheDiscriminatorOnly) {
  Trained trained(kGan, {"update.G.lr=0"});
  trained.epoch();
  EXPECT_EQ(trained.number("G/w"), 0.5);
  EXPECT_NE(trained.number("D/v"), 0.25);
}

TEST(Updates, AWeightOfZeroIsNoLoss) {
  Trained trained(kGan +
                  "real_loss = 0\n[node.real_loss]\nuse = \"toy.mean\"\nin = \"D2\"\n[node.D2]\nuse = "
                  "\"toy.scale\"\nin = \"real\"\n");
  const std::vector<ChunkResult> chunks = trained.epoch();
  EXPECT_EQ(chunks[0].updates[1].losses.size(), 1U);
  EXPECT_FALSE(trained.trainer().save().contains("network/D2/w")) << "what only it needs does not run";
}

TEST(Updates, ALossThatIsNeverPresentMakesNoStep) {
  // The window of three frames is never complete in clips of one frame, but the check cannot know of a clip's length.
  const std::string late = kGan + R"(
[node.clip]
use = "toy.total"
in = "real[t-2..t]"
[node.D_video]
use = "toy.scale"
in = "clip"
weight = 0.25
[node.video_loss]
use = "toy.mean"
in = "D_video"
[update.V]
of = ["D_video"]
use = "sgd"
lr = 0.1
[update.V.loss]
video_loss = 1.0
)";
  Trained trained(late, {"time.tells_length=false", "time.frames=3", "run.chunk=2"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  ASSERT_EQ(chunks.size(), 2U);
  EXPECT_FALSE(chunks[0].updates[2].losses[0].value.has_value());
  EXPECT_FALSE(chunks[0].updates[2].gradient_norm.has_value());
  EXPECT_TRUE(chunks[1].updates[2].losses[0].value.has_value());
  // One step, in the second chunk, with frames of 3, 4 and 5.
  EXPECT_NEAR(trained.number("D_video/w"), 0.25 - 0.1 * 12, 1e-6);
}

TEST(Updates, ASecondCallOfANetworkAddsToItsGradient) {
  const std::string twice = kGan + R"(
[node.G_again]
share = "G"
in = "real"
[node.again]
use = "toy.mean"
in = "G_again"
)";
  Trained trained(twice, {"update.G.loss.again=1.0"});
  trained.epoch();
  EXPECT_NEAR(trained.number("G/w"), 0.5 - 0.1 * (generator_slope(0.5, 0.25) + 3), 1e-6);
}

TEST(Updates, AccumulateSumsGradientsOfChunks) {
  Trained trained(kGan, {"time.frames=3", "update.G.accumulate=2", "update.D.lr=0"});
  trained.epoch();
  // x is 2, 3 | 4, of which the third chunk is not enough for a step.
  const auto slope = [](double x) { return 2 * (0.25 * 0.5 * x - 1) * 0.25 * x; };
  EXPECT_NEAR(trained.number("G/w"), 0.5 - 0.1 * (slope(2) + slope(3)), 1e-6);
}

TEST(Updates, RatioLeavesChunksOut) {
  Trained trained(kGan, {"time.frames=3", "update.G.ratio=2", "update.D.lr=0"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  EXPECT_EQ(chunks[0].updates.size(), 2U);
  EXPECT_EQ(chunks[1].updates.size(), 1U);
  EXPECT_EQ(chunks[2].updates.size(), 2U);
}

TEST(Updates, ClipBoundsTheNormOfTheGradient) {
  Trained trained(kGan, {"update.G.clip=0.125", "update.D.lr=0"});
  const std::vector<ChunkResult> chunks = trained.epoch();
  EXPECT_NEAR(*chunks[0].updates[0].gradient_norm, std::abs(generator_slope(0.5, 0.25)), 1e-6);
  EXPECT_NEAR(trained.number("G/w"), 0.5 + 0.1 * 0.125, 1e-6);
}

TEST(Updates, TheAverageFollowsTheWeights) {
  Trained trained(kGan, {"update.G.ema=0.75", "update.D.lr=0"});
  trained.epoch();
  const double w = 0.5 - 0.1 * generator_slope(0.5, 0.25);
  EXPECT_NEAR(trained.trainer().learnt().updates()[0]->averages()[0].item<double>(), 0.75 * 0.5 + 0.25 * w, 1e-6);
  const auto weights = trained.trainer().learnt().trained_weights();
  EXPECT_NEAR(weights.at("G").front().second.item<double>(), 0.75 * 0.5 + 0.25 * w, 1e-6);
}

TEST(Updates, TheAverageFollowsRunningStatisticsToo) {
  Trained trained(kGan, {"node.G.use=toy.following", "update.G.ema=0.75", "update.D.lr=0", "time.frames=2"});
  trained.epoch();
  // x is 2, then 3: a running mean of 1, then 2, which is averaged from 0 on.
  EXPECT_EQ(trained.number("G/running_mean"), 2);
  const double average = 0.75 * (0.25 * 1) + 0.25 * 2;
  EXPECT_NEAR(trained.trainer().save().at("update/G/average/G/running_mean").item<double>(), average, 1e-6);
  const auto weights = trained.trainer().learnt().trained_weights().at("G");
  const auto found =
      std::find_if(weights.begin(), weights.end(), [](const auto& one) { return one.first == "running_mean"; });
  ASSERT_NE(found, weights.end());
  EXPECT_NEAR(found->second.item<double>(), average, 1e-6);
}

TEST(Updates, AnAverageThatWarmsUpForgetsTheFirstWeights) {
  Trained trained(kGan, {"update.G.ema=0.75", "update.G.ema_warmup=true", "update.D.lr=0", "time.frames=2"});
  trained.epoch();
  double w = 0.5, average = 0.5;
  for (const auto& [x, decay] : {std::pair{2.0, 2.0 / 11}, {3.0, 3.0 / 12}}) {  // (1 + n) / (10 + n), below 0.75
    w -= 0.1 * 2 * (0.25 * w * x - 1) * 0.25 * x;
    average = decay * average + (1 - decay) * w;
  }
  EXPECT_NEAR(trained.trainer().learnt().updates()[0]->averages()[0].item<double>(), average, 1e-6);
}

TEST(Updates, AdamMakesTheStepOfItsPaper) {
  Trained trained(kGan, {"update.G.use=adam", "update.D.lr=0", "time.frames=2", "update.G.betas=[0.5, 0.9]"});
  trained.epoch();
  double w = 0.5, first = 0, second = 0;
  for (int step = 1; step <= 2; ++step) {
    const double x = step + 1;
    const double slope = 2 * (0.25 * w * x - 1) * 0.25 * x;
    first = 0.5 * first + 0.5 * slope;
    second = 0.9 * second + 0.1 * slope * slope;
    w -= 0.1 * (first / (1 - std::pow(0.5, step))) / (std::sqrt(second / (1 - std::pow(0.9, step))) + 1e-8);
  }
  EXPECT_NEAR(trained.number("G/w"), w, 1e-5);
}

TEST(Updates, AdamWTakesTheDecayOffTheWeight) {
  Trained trained(kGan, {"update.G.use=adamw", "update.G.weight_decay=0.5", "update.D.lr=0"});
  trained.epoch();
  // The first step of Adam is the sign of the slope times the rate.
  EXPECT_NEAR(trained.number("G/w"), 0.5 * (1 - 0.1 * 0.5) + 0.1, 1e-5);
}

TEST(Updates, SgdHasMomentum) {
  Trained trained(kGan, {"update.G.momentum=0.5", "update.D.lr=0", "time.frames=2"});
  trained.epoch();
  double w = 0.5, momentum = 0;
  for (const double x : {2.0, 3.0}) {
    momentum = 0.5 * momentum + 2 * (0.25 * w * x - 1) * 0.25 * x;
    w -= 0.1 * momentum;
  }
  EXPECT_NEAR(trained.number("G/w"), w, 1e-6);
}

TEST(Updates, ALossThatIsNotFiniteStopsBeforeAnythingIsChanged) {
  const std::string log = R"(
[run]
chunk = 2
[node.x]
use = "toy.ramp"
frames = 2
[node.G]
use = "toy.scale"
in = "x"
[node.shifted]
use = "toy.add"
in = ["G"]
plus = -1
[node.log]
use = "toy.logarithm"
in = "shifted"
[node.loss]
use = "toy.mean"
in = "log"
[weights]
G = "random"
[update.G]
of = ["G"]
use = "sgd"
[update.G.loss]
loss = 1.0
)";
  Trained trained(log);
  try {
    trained.epoch();
    FAIL() << "it should have stopped";
  } catch (const Error& error) {
    EXPECT_EQ(error.exit(), Exit::NotFinite);
    EXPECT_EQ(error.message(),
              "the loss loss of [update.G] is not a number at step 0, clip \"ramp 0\"; the first value that is not "
              "finite is log "
              "at t = 0");
  }
  EXPECT_EQ(trained.number("G/w"), 1);
}

}  // namespace
}  // namespace weft::train
