#pragma once

#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "tests/toy/recurrence.h"
#include "tests/train/trained.h"

#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace weft::train {

/// A recurrence, a node with state and noise, two clips side by side, a chunk that does not divide the clip: everything
/// that goes on from chunk to chunk.
inline const std::string kAll = R"(
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
)" + testing::kNoisyRecurrence +
                                R"([node.D]
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

/// Trainings in folders of their own.
class Checkpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    parent_ =
        std::filesystem::temp_directory_path() / text("weft_", test.test_suite_name(), '_', test.name(), '_', getpid());
    std::filesystem::remove_all(parent_);
    log_.listen([this](const std::string&, const std::string& line) { said_ += line + '\n'; });
  }
  void TearDown() override { std::filesystem::remove_all(parent_); }

  /// Trains into a new folder, or into that of the checkpoint that is resumed. @returns the folder
  std::string train(const std::string& content, const std::vector<std::string>& settings = {},
                    const std::string& resume = "") {
    TrainingOptions options;
    options.resume = resume;
    options.takes_changes = takes_changes_;
    options.trainer.device = device_;
    Training training(stages_of(content, settings), testing::NodeRunner::built_plugins(), options, log_);
    const auto open = [&] {
      if (run_folder_of(resume).empty())
        return std::make_unique<run::RunFolder>(parent_.string(), text("run", ++runs_));
      return std::make_unique<run::RunFolder>(run_folder_of(resume));
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
  std::string said_;
  std::filesystem::path parent_;
  int runs_ = 0;
  bool takes_changes_ = false;
  at::Device device_ = at::kCPU;
};

}  // namespace weft::train
