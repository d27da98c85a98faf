// What a checkpoint keeps, and that training goes on from it as if nothing had been.
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "framework/weights/weight_file.h"
#include "tests/train/trained.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

/// A recurrence, a node with state and noise, two clips side by side, a chunk that does not divide the clip: everything
/// that goes on from chunk to chunk.
const std::string kAll = R"(
[run]
chunk = 2
bptt = 2
batch = 2
epochs = 2
checkpoint = "1 steps"
keep = 100
[node.x]
use = "toy.ramp"
frames = 7
sequences = 4
[stream]
past = "y[t-1] else zeros"
[node.noisy]
use = "toy.remembering"
in = "x"
[node.G]
use = "toy.scale"
in = "past"
weight = 0.5
[node.y]
use = "toy.plus"
in.a = "G"
in.b = "noisy"
[node.D]
use = "toy.critic"
in.real = "x[t-1]"
in.fake = ["y"]
weight = 0.01
[node.gan]
use = "toy.least_squares"
in = "D"
[weights]
"*" = "random"
[update.G]
of = ["G"]
use = "adam"
lr = 0.01
ema = 0.9
accumulate = 2
[update.G.loss]
"gan.generator" = 1.0
[update.D]
of = ["D"]
use = "sgd"
lr = 1e-4
momentum = 0.5
[update.D.loss]
"gan.discriminator" = 0.5
)";

class Checkpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    parent_ = fs::temp_directory_path() / text("weft_", test.test_suite_name(), '_', test.name(), '_', getpid());
    fs::remove_all(parent_);
  }
  void TearDown() override { fs::remove_all(parent_); }

  /// Trains into a new folder, or into that of the checkpoint that is resumed. @returns the folder
  std::string train(const std::string& content, const std::vector<std::string>& settings = {},
                    const std::string& resume = "") {
    TrainingOptions options;
    options.resume = resume;
    Training training(stages_of(content, settings), testing::NodeRunner::built_plugins(), options, log_);
    const auto open = [&] {
      if (resume.empty()) return std::make_unique<run::RunFolder>(parent_.string(), text("run", ++runs_));
      return std::make_unique<run::RunFolder>(fs::path(resume).parent_path().parent_path().string(),
                                              training.resumed_files()["log.jsonl"]);
    };
    const std::unique_ptr<run::RunFolder> folder = open();
    training.keep_in(*folder);
    training.run();
    return folder->path();
  }

  static std::string checkpoint(const std::string& folder, int64_t step) {
    char name[40];
    std::snprintf(name, sizeof name, "/checkpoints/%08lld.safetensors", static_cast<long long>(step));
    return folder + name;
  }

  static void expect_equal(const std::string& a, const std::string& b) {
    const Checkpoint one = read_checkpoint(a), other = read_checkpoint(b);
    EXPECT_EQ(one.position, other.position);
    ASSERT_EQ(one.tensors.size(), other.tensors.size());
    for (const auto& [name, tensor] : one.tensors) {
      ASSERT_TRUE(other.tensors.contains(name)) << name;
      EXPECT_TRUE(tensor.equal(other.tensors.at(name))) << name;
    }
  }

  Log log_{Log::Level::Quiet};
  fs::path parent_;
  int runs_ = 0;
};

TEST_F(Checkpoints, ResumedTrainingComesToTheSameBytes) {
  // D needs x[t-1], so chunks count from t = 0 and each clip has four: 16 in all.
  const std::string whole = train(kAll);
  ASSERT_TRUE(fs::exists(checkpoint(whole, 16)));
  for (const int64_t stop : {1, 2, 3, 4, 5, 7, 8, 9, 15}) {
    const std::string part = train(kAll, {text("run.steps=", stop)});
    expect_equal(checkpoint(part, stop), checkpoint(whole, stop));
    train(kAll, {}, checkpoint(part, stop));
    expect_equal(checkpoint(part, 16), checkpoint(whole, 16));
  }
}

TEST_F(Checkpoints, ASecondResumeOfTheSameCheckpointCutsTheLogBack) {
  const std::string folder = train(kAll, {"run.steps=5"});
  const auto steps_logged = [&] {
    std::ifstream log(folder + "/log.jsonl");
    std::vector<std::string> steps;
    for (std::string line; std::getline(log, line);) {
      const size_t at = line.find("\"step\": ");
      if (at != std::string::npos) steps.push_back(line.substr(at + 8, line.find(',', at) - at - 8));
    }
    return steps;
  };
  train(kAll, {"run.steps=8"}, checkpoint(folder, 3));
  EXPECT_EQ(steps_logged(), (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7"}));
}

TEST_F(Checkpoints, TheLastFewStay) {
  const std::string folder = train(kAll, {"run.keep=2"});
  EXPECT_FALSE(fs::exists(checkpoint(folder, 14)));
  EXPECT_TRUE(fs::exists(checkpoint(folder, 15)));
  EXPECT_TRUE(fs::exists(checkpoint(folder, 16)));
}

/// The number of this name in each step of a run's log.
std::vector<double> logged(const std::string& folder, const std::string& name) {
  std::ifstream log(folder + "/log.jsonl");
  std::vector<double> numbers;
  const std::string key = '"' + name + "\": ";
  for (std::string line; std::getline(log, line);) {
    const size_t at = line.find(key);
    if (at != std::string::npos) numbers.push_back(std::stod(line.substr(at + key.size())));
  }
  return numbers;
}

TEST_F(Checkpoints, TheBestStaysToo) {
  // Saved after each of its 8 steps; which is the best one shows in the log.
  for (const auto& [best, sign] : {std::pair("max gan.generator", 1.0), std::pair("min gan.generator", -1.0)}) {
    const std::string folder = train(kAll, {"run.keep=1", text("run.best=", best), "run.epochs=1"});
    std::vector<double> losses = logged(folder, "G/gan.generator");
    ASSERT_EQ(losses.size(), 8);
    for (double& loss : losses) loss *= sign;
    const auto largest = std::max_element(losses.begin(), losses.end());
    EXPECT_EQ(read_checkpoint(folder + "/checkpoints/best.safetensors").position.step, largest - losses.begin() + 1);
    EXPECT_TRUE(fs::exists(folder + "/weights-best/G.safetensors"));
  }
}

TEST_F(Checkpoints, WeightsAreThoseThatARunLoads) {
  const std::string folder = train(kAll);
  const weights::WeightFile weights = weights::read_weights(folder + "/weights/G.safetensors");
  ASSERT_EQ(weights.tensors.front().first, "w");
  const Checkpoint last = read_checkpoint(checkpoint(folder, 16));
  EXPECT_TRUE(weights.tensors.front().second.equal(last.tensors.at("update/G/average/G/w"))) << "the average";
}

TEST_F(Checkpoints, OfAnotherGraphAreRefusedWithTheDifference) {
  const std::string folder = train(kAll, {"run.steps=2"});
  const std::string file = checkpoint(folder, 2);
  EXPECT_EQ(testing::error_text([&] {
              train(kAll, {"G.weight=0.25", "update.D.momentum=0.75"}, file);
            }),
            text(file,
                 " is a checkpoint of another graph (-: there, +: here)\n"
                 "  - [node.G] weight = 0.5\n  - [update.D] momentum = 0.5\n"
                 "  + [node.G] weight = 0.25\n  + [update.D] momentum = 0.75\n"
                 "  a stage, or [weights] with the trained file, begins from weights under another graph"));
}

TEST_F(Checkpoints, OtherFilesAreNoCheckpoints) {
  const std::string folder = train(kAll, {"run.steps=2"});
  const std::string file = folder + "/weights/G.safetensors";
  EXPECT_EQ(testing::error_text([&] { read_checkpoint(file); }),
            text(file,
                 " is no checkpoint of weft\n"
                 "  checkpoints lie in the folder `checkpoints` of a run; [weights] takes weight files"));
  EXPECT_EQ(find_checkpoint(folder), checkpoint(folder, 2));
  EXPECT_EQ(testing::error_text([&] { find_checkpoint(parent_ / "nowhere"); }),
            text("there is no checkpoint in ", (parent_ / "nowhere").string(),
                 "\n  --resume takes a checkpoint, a run folder, or `last` for the newest run of this graph"));
}

TEST_F(Checkpoints, ALossThatIsNotFiniteLeavesTheNetworksForStudy) {
  // The logarithm of 2.5 - x is a number for t = 0 … 2 of the first clip only, so the second chunk fails.
  const std::string failing = kAll + R"(
[node.minus]
use = "toy.scale"
in = "x"
weight = -1.0
[node.shifted]
use = "toy.add"
in = ["minus"]
plus = 2.5
[node.log]
use = "toy.logarithm"
in = "shifted"
[node.log_loss]
use = "toy.mean"
in = "log"
)";
  const std::string error = testing::error_text([&] {
    train(failing, {"update.G.loss.log_loss=1.0", "update.G.of=[\"G\", \"minus\"]", "update.G.lr=0", "run.batch=1"});
  });
  EXPECT_EQ(error,
            "the loss log_loss of [update.G] is not a number at step 1, clip \"ramp 0\"; the first value that is not "
            "finite is log at t = 3");
  const std::string folder = fs::canonical(parent_ / "run1" / "last");
  const Checkpoint kept = read_checkpoint(folder + "/checkpoints/not-finite.safetensors");
  EXPECT_EQ(kept.position.step, 1);
  EXPECT_EQ(kept.tensors.at("network/G/w").item<float>(), 0.5);
  EXPECT_TRUE(fs::exists(checkpoint(folder, 1))) << "what was saved before stays";
}

}  // namespace
}  // namespace weft::train
