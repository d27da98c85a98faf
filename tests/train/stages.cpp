// Stages: overlays one after the other, and what goes on from one to the next.
#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "tests/train/trained.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

/// y = w x; the loss is the mean of y, so that each step of sgd takes lr * mean of x off the weight.
const std::string kStages = R"(
[run]
chunk = 2
checkpoint = "1 epoch"
[node.x]
use = "toy.ramp"
frames = 2
[node.G]
use = "toy.scale"
in = "x"
weight = 3.0
[node.loss]
use = "toy.mean"
in = "G"
[weights]
"*" = "random"
[update.G]
of = ["G"]
use = "sgd"
lr = 0.5
momentum = 0.5
schedule = "linear to 0 from 2"
[update.G.loss]
loss = 1.0
)";

class Stages : public ::testing::Test {
 protected:
  void SetUp() override {
    parent_ = fs::temp_directory_path() /
              text("weft_stages_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(parent_);
    log_.listen([this](const std::string&, const std::string& line) { said_ += line + '\n'; });
  }
  void TearDown() override { fs::remove_all(parent_); }

  /// Trains all stages. @returns the last checkpoint
  Checkpoint train(const std::string& content, const std::vector<std::string>& settings = {},
                   const std::string& resume = "") {
    TrainingOptions options;
    options.resume = resume;
    Training training(stages_of(content, settings), testing::NodeRunner::built_plugins(), options, log_);
    run::RunFolder folder(parent_.string(), "run");
    training.keep_in(folder);
    training.run();
    folder_ = folder.path();
    return read_checkpoint(find_checkpoint(folder.path()));
  }

  Log log_{Log::Level::Quiet};
  std::string said_, folder_;
  fs::path parent_;
};

TEST_F(Stages, WeightsGoOnByPathAndKeepTheirOptimiser) {
  const Checkpoint last = train(kStages + R"(
[[stage]]
name = "short"
epochs = 1
[[stage]]
name = "long"
epochs = 1
set.node.x.frames = 4
)");
  // Means of x: 0.5; then 0.5 and 2.5. Momentum goes on: 0.5, 0.75, 2.875.
  EXPECT_NEAR(last.tensors.at("network/G/w").item<double>(), 3 - 0.5 * (0.5 + 0.75 + 2.875), 1e-6);
  EXPECT_EQ(last.position.epoch, 2);
  EXPECT_EQ(last.position.step, 3);
}

TEST_F(Stages, ANewOptimiserForgets) {
  const Checkpoint last = train(kStages + R"(
[[stage]]
epochs = 1
[[stage]]
epochs = 1
optimiser = "new"
)");
  EXPECT_NEAR(last.tensors.at("network/G/w").item<double>(), 3 - 0.5 * (0.5 + 0.5), 1e-6);
}

TEST_F(Stages, RatesCountEpochsOverAllStages) {
  const Checkpoint last = train(kStages + R"(
[[stage]]
epochs = 3
set.update.G.momentum = 0.0
[[stage]]
epochs = 1
set.update.G.momentum = 0.0
)");
  // Rates of the four epochs: 0.5, 0.5, 0.5 and 0.25.
  EXPECT_NEAR(last.tensors.at("network/G/w").item<double>(), 3 - 0.5 * (0.5 + 0.5 + 0.5 + 0.25), 1e-6);
}

TEST_F(Stages, CarryTakesWeightsUnderAnotherPath) {
  const Checkpoint last = train(kStages + R"(
[node.H]
use = "toy.scale"
in = "G"
weight = 7.0
[node.other]
use = "toy.mean"
in = "H"
[[stage]]
epochs = 1
[[stage]]
epochs = 1
carry = { H = "G" }
set.update.G.loss = { loss = 0, other = 1.0 }
set.update.G.of = ["H"]
set.update.G.lr = 0
)");
  EXPECT_NEAR(last.tensors.at("network/G/w").item<double>(), 3 - 0.5 * 0.5, 1e-6) << "kept by its own path";
  EXPECT_NEAR(last.tensors.at("network/H/w").item<double>(), 3 - 0.5 * 0.5, 1e-6) << "carried";
}

TEST_F(Stages, WhatTheStageBeforeLacksIsTold) {
  train(kStages + R"(
[node.H]
use = "toy.scale"
in = "G"
[node.other]
use = "toy.mean"
in = "H"
[[stage]]
epochs = 1
[[stage]]
epochs = 1
set.update.G.loss = { loss = 0, other = 1.0 }
set.update.G.of = ["H"]
)");
  EXPECT_EQ(said_,
            "stage \"1\": 1 epoch\nstage \"2\": 1 epoch\n"
            "  2 tensors are initialised, as the stage before has none of that name and shape: H/w, H/calls\n");
}

TEST_F(Stages, TrainingIsResumedInItsStage) {
  const std::string stages = kStages + R"(
[[stage]]
epochs = 2
[[stage]]
epochs = 2
optimiser = "new"
set.node.x.frames = 4
)";
  const Checkpoint whole = train(stages, {"run.keep=100"});
  for (const char* step : {"00000001", "00000002", "00000004"}) {
    const std::string file = folder_ + "/checkpoints/" + step + ".safetensors";
    const Checkpoint again = train(stages, {"run.keep=100"}, file);
    EXPECT_EQ(again.position, whole.position) << step;
    EXPECT_TRUE(again.tensors.at("network/G/w").equal(whole.tensors.at("network/G/w"))) << step;
  }
}

TEST_F(Stages, ADryRunSeesEachOfThem) {
  Training training(stages_of(kStages + "[[stage]]\nname = \"short\"\nepochs = 1\n[[stage]]\nname = \"long\"\nepochs = "
                                        "1\nset.run.chunk = 4\nset.node.x.frames = 4\n"),
                    testing::NodeRunner::built_plugins(), {}, log_);
  const std::vector<std::string> lines = training.dry_run();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(lines[0].starts_with("short: 2 frames, ")) << lines[0];
  EXPECT_TRUE(lines[1].starts_with("long: 4 frames, ")) << lines[1];
  EXPECT_NE(lines[1].find("; G: 1 parameters"), std::string::npos) << lines[1];
}

/// Chunks count from t = 2, where G first runs; `late` runs at the last time of the only chunk, where G's window is whole.
TEST_F(Stages, EveryCountsInThePlanFromTheChunksEndToo) {
  const std::string content = R"(
[run]
chunk = 6
frames = 8
[node.x]
use = "toy.ramp"
frames = 8
[node.G]
use = "toy.scale"
in = "x[t-2]"
[node.late]
use = "toy.plus"
in.a = "x"
in.b = "x[t-5]"
every = 6
[node.whole]
use = "toy.plus"
in.a = "G"
in.b = "G[t-5]"
[node.sum]
use = "toy.plus"
in.a = "late"
in.b = "whole"
[node.both]
use = "toy.mean"
in = "sum"
[weights]
"*" = "random"
[update.G]
of = ["G"]
[update.G.loss]
both = 1.0
)";
  const std::vector<graph::Stage> stages = stages_of(content, {});
  const graph::Plan& plan = stages.front().plan;
  std::map<std::string, std::string> times;
  for (size_t i = 0; i < plan.steps.size(); ++i)
    times[plan.graph.nodes[static_cast<size_t>(plan.steps[i].node)].path] = plan.times_text(static_cast<int>(i));
  EXPECT_EQ(times["G"], "2, 7");
  EXPECT_EQ(times["late"], "7");
  EXPECT_EQ(times["both"], "7");
}

}  // namespace
}  // namespace weft::train
