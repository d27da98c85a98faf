// What a checkpoint keeps, and that training goes on from it as if nothing had been.
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/weight_file.h"
#include "tests/toy/recurrence.h"
#include "tests/train/trained.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weft::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

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

class Checkpoints : public ::testing::Test {
 protected:
  void SetUp() override {
    const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
    parent_ = fs::temp_directory_path() / text("weft_", test.test_suite_name(), '_', test.name(), '_', getpid());
    fs::remove_all(parent_);
    log_.listen([this](const std::string&, const std::string& line) { said_ += line + '\n'; });
  }
  void TearDown() override { fs::remove_all(parent_); }

  /// Trains into a new folder, or into that of the checkpoint that is resumed. @returns the folder
  std::string train(const std::string& content, const std::vector<std::string>& settings = {},
                    const std::string& resume = "") {
    TrainingOptions options;
    options.resume = resume;
    options.takes_changes = takes_changes_;
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
  fs::path parent_;
  int runs_ = 0;
  bool takes_changes_ = false;
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

/// Boxes of a family outside of weft: as state of a node, as a value of the past, and side by side.
const std::string kBoxes = R"(
[run]
chunk = 2
bptt = 2
batch = 2
epochs = 2
checkpoint = "1 steps"
keep = 100
[node.walk]
use = "boxes.walk"
frames = 7
sequences = 4
[node.G]
use = "boxes.scale"
in = "walk"
[node.track]
use = "boxes.track"
in = "G"
[node.loss]
use = "boxes.distance"
in.a = "track"
in.b = "walk"
[node.late]
use = "boxes.distance"
in.a = "track[t-2]"
in.b = "walk[t-2]"
[weights]
"*" = "random"
[update.G]
of = ["G", "track"]
use = "adam"
lr = 0.01
[update.G.loss]
loss = 1.0
late = 0.5
)";

TEST_F(Checkpoints, RecordsGoOnWithTheirCounts) {
  const std::string whole = train(kBoxes);
  const Checkpoint saved = read_checkpoint(checkpoint(whole, 3));
  std::string names;
  for (const auto& [name, tensor] : saved.tensors) names += name + '\n';
  for (const char* name : {"value track 4/N", "value track 5/corners", "value track 5/scores", "state track last/N",
                           "state track last/corners"})
    EXPECT_THAT(names, HasSubstr(name));
  for (const int64_t stop : {1, 2, 3, 4, 5, 9}) {
    const std::string part = train(kBoxes, {text("run.steps=", stop)});
    expect_equal(checkpoint(part, stop), checkpoint(whole, stop));
    train(kBoxes, {}, checkpoint(part, stop));
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

/// Names of files, in order.
std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
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

using Names = std::vector<std::string>;

TEST_F(Checkpoints, ARunThatGoesBackKeepsWhatItSavesAndWhatWasLater) {
  const std::string whole = train(kAll), folder = train(kAll, {"run.steps=9"});
  said_.clear();
  train(kAll, {"run.keep=1", "run.steps=7"}, checkpoint(folder, 5));
  EXPECT_EQ(names_in(folder + "/checkpoints"), Names{"00000007"});
  EXPECT_EQ(names_in(folder + "/aside-1/checkpoints"), (Names{"00000006", "00000007", "00000008", "00000009"}));
  EXPECT_EQ(said_, text("goes back to step 5, ", checkpoint(folder, 5),
                        ": 4 checkpoints of later steps, up to 9, kept aside in ", folder, "/aside-1 (--resume ",
                        folder, "/aside-1 goes on with them)\n"));
  EXPECT_EQ(find_checkpoint(folder), checkpoint(folder, 7));
  train(kAll, {}, find_checkpoint(folder));
  expect_equal(checkpoint(folder, 16), checkpoint(whole, 16));
  train(kAll, {}, find_checkpoint(folder + "/aside-1"));
  expect_equal(checkpoint(folder + "/aside-1", 16), checkpoint(whole, 16));
}

TEST_F(Checkpoints, ABestOneOfLaterStepsGoesAsideWithItsWeights) {
  const std::string folder = train(kAll, {"run.best=max gan.generator", "run.steps=8"});
  const std::string best = folder + "/checkpoints/best.safetensors";
  const int64_t step = read_checkpoint(best).position.step;
  ASSERT_GT(step, 1) << "the case wants one that is not the first";
  train(kAll, {"run.best=max gan.generator", text("run.steps=", step)}, checkpoint(folder, step - 1));
  EXPECT_TRUE(fs::exists(folder + "/aside-1/weights-best/G.safetensors"));
  expect_equal(folder + "/aside-1/checkpoints/best.safetensors", best);
  train(kAll, {"run.best=max gan.generator", text("run.steps=", step)}, checkpoint(folder, 1));
  EXPECT_TRUE(fs::exists(folder + "/aside-2/checkpoints/best.safetensors")) << "back a second time";
  expect_equal(folder + "/aside-1/checkpoints/best.safetensors", best);
}

TEST_F(Checkpoints, AProcessThatWasKilledBetweenTwoFilesLeavesNothingHalf) {
  // Saved, but not kept as the best yet; nor are older ones removed. Half written files of it are in the way of nobody.
  const std::vector<std::string> settings = {"run.best=max gan.generator", "run.steps=8"};
  const std::string folder = train(kAll, settings), checkpoints = folder + "/checkpoints/";
  const int64_t step = read_checkpoint(checkpoints + "best.safetensors").position.step;
  ASSERT_GT(step, 1);
  const std::string killed = train(kAll, {settings[0], text("run.steps=", step)});
  fs::remove(killed + "/checkpoints/best.safetensors");
  fs::copy_file(checkpoint(killed, step - 1), killed + "/checkpoints/best.safetensors");
  for (const char* file :
       {"/checkpoints/00000009.safetensors.partial-77", "/weights/G.safetensors.partial-77", "/report.html.partial-1"})
    std::ofstream(killed + file) << "half";
  std::ofstream(killed + "/log.jsonl", std::ios::app) << "{\"level\": \"st";
  train(kAll, settings, find_checkpoint(killed));
  expect_equal(killed + "/checkpoints/best.safetensors", checkpoints + "best.safetensors");
  EXPECT_EQ(names_in(killed + "/weights"), names_in(folder + "/weights"));
  EXPECT_FALSE(fs::exists(killed + "/checkpoints/00000009.safetensors.partial-77"));
  EXPECT_FALSE(fs::exists(killed + "/report.html.partial-1"));
  EXPECT_FALSE(fs::exists(killed + "/aside-1")) << "it did not go back";
}

TEST_F(Checkpoints, ThatPersonsNamedAreTheirs) {
  const std::string folder = train(kAll, {"run.steps=2"});
  for (const char* name : {"00000001-good", "7", "99"})
    fs::copy_file(checkpoint(folder, 1), folder + "/checkpoints/" + name + ".safetensors");
  train(kAll, {"run.keep=1", "run.steps=4"}, find_checkpoint(folder));
  EXPECT_EQ(names_in(folder + "/checkpoints"), (Names{"00000001-good", "00000004", "7", "99"}));
}

TEST_F(Checkpoints, OfAnotherPlaceBeginARunFolder) {
  const std::string folder = train(kAll, {"run.best=max gan.generator", "run.steps=5"}), whole = train(kAll);
  fs::copy_file(checkpoint(folder, 5), parent_ / "mine.safetensors");
  const std::string fresh = train(kAll, {"run.best=max gan.generator"}, parent_ / "mine.safetensors");
  EXPECT_EQ(names_in(folder + "/checkpoints").back(), "best") << "untouched";
  expect_equal(checkpoint(fresh, 16), checkpoint(whole, 16));
  EXPECT_TRUE(fs::exists(fresh + "/checkpoints/best.safetensors")) << "the best of this folder";
}

TEST_F(Checkpoints, OneProcessAloneTrainsInAFolder) {
  const std::string folder = train(kAll, {"run.steps=1"});
  const auto first = std::make_unique<run::RunFolder>(folder);
  EXPECT_EQ(testing::error_text([&] { run::RunFolder second(folder); }),
            text("the run folder ", folder,
                 " is in use: another process is training in it\n"
                 "  wait until it has ended, or stop it; a copy of one of its checkpoints outside the folder begins a "
                 "new run"));
}

TEST_F(Checkpoints, ALogThatLostItsEndIsToldAndGoneOnWith) {
  const std::string folder = train(kAll, {"run.steps=5"});
  fs::resize_file(folder + "/log.jsonl", fs::file_size(folder + "/log.jsonl") - 900);
  fs::resize_file(folder + "/events.out.tfevents.weft", fs::file_size(folder + "/events.out.tfevents.weft") - 9);
  said_.clear();
  train(kAll, {}, checkpoint(folder, 5));
  EXPECT_THAT(said_, HasSubstr(text(folder, "/log.jsonl lacks ")));
  EXPECT_THAT(said_, HasSubstr(" of what it had at step 5; the curves lack the steps of these"));
  fs::remove(folder + "/log.jsonl");
  std::ofstream(folder + "/graph.toml") << "format = 1";  // by which it is a run folder still
  train(kAll, {}, checkpoint(folder, 5));
  EXPECT_EQ(logged(folder, "step"), (std::vector<double>{5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
}

TEST_F(Checkpoints, TheLastFewStay) {
  const std::string folder = train(kAll, {"run.keep=2"});
  EXPECT_FALSE(fs::exists(checkpoint(folder, 14)));
  EXPECT_TRUE(fs::exists(checkpoint(folder, 15)));
  EXPECT_TRUE(fs::exists(checkpoint(folder, 16)));
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
              train(kAll, {"G.weight=0.25", "update.D.momentum=0.75", "update.D.ratio=2"}, file);
            }),
            text(file,
                 " is a checkpoint of another graph\n"
                 "  node.G.weight = 0.25, was 0.5\n  update.D.ratio = 2, was 1\n  update.D.momentum = 0.75, was 0.5\n"
                 "  a stage, or [weights] with the trained file, begins from weights under another graph"));
}

TEST_F(Checkpoints, OtherRatesAreReportedAndTakenOnDemandWithTheStateOfOptimisers) {
  const std::string folder = train(kAll, {"run.steps=4"});
  const std::string file = checkpoint(folder, 4);
  const std::vector<std::string> changed = {"run.steps=4", "update.G.lr=0.25", "update.D.clip=3.0",
                                            "update.G.loss.\"gan.generator\"=2.0"};
  EXPECT_EQ(testing::error_text([&] { train(kAll, changed, file); }),
            text(file,
                 " was trained with other rates or weights of losses\n"
                 "  update.D.clip = 3.0, was not there\n"
                 "  update.G.loss.\"gan.generator\" = 2.0, was 1.0\n  update.G.lr = 0.25, was 0.01\n"
                 "  --change goes on with the new values and keeps the state of the optimisers"));
  takes_changes_ = true;
  const Checkpoint before = read_checkpoint(file);
  ASSERT_EQ(train(kAll, changed, file), fs::canonical(folder));
  EXPECT_THAT(said_, HasSubstr("goes on with update.G.lr = 0.25, was 0.01\n"));
  EXPECT_THAT(said_, HasSubstr("training has finished: step 4 is the last by `steps` = 4; --steps N with more than 4 "
                               "goes on, as far as `epochs` last\n"));
  const Checkpoint after = read_checkpoint(file);
  EXPECT_TRUE(after.tensors.at("update/G/adam/first/G/w").equal(before.tensors.at("update/G/adam/first/G/w")));
  takes_changes_ = false;
  EXPECT_EQ(train(kAll, {"run.steps=6", changed[1], changed[2], changed[3]}, file), fs::canonical(folder))
      << "the changed graph is that of the checkpoint from now on";
}

TEST_F(Checkpoints, WhatIsShownAndKeptAndWhereFilesLieIsNoPartOfTheGraph) {
  const std::string watched = kAll + "[node.seen]\nuse = \"toy.mean\"\nin = \"y\"\n";
  const std::string folder = train(watched, {"run.steps=4"});
  train("about = \"another\"\n" + watched, {"run.steps=5", "run.show=[\"seen\"]", "run.keep=50"},
        checkpoint(folder, 4));
  EXPECT_EQ(read_checkpoint(checkpoint(folder, 5)).position.step, 5);
}

/// What refuses a checkpoint that was changed.
class Changed : public Checkpoints {
 protected:
  void SetUp() override {
    Checkpoints::SetUp();
    file_ = checkpoint(train(kAll, {"run.steps=5"}), 5);
    changed_ = parent_ / "changed.safetensors";
  }
  /// @returns what is said of the checkpoint at step 5 with this change: two chunks of gradients are summed up to a step,
  ///          and there is a current clip
  std::string refusal(const std::function<void(weights::WeightFile&)>& change) {
    weights::WeightFile file = weights::read_weights(file_);
    change(file);
    weights::write_safetensors(changed_, file);
    return testing::error_text([&] { read(changed_); });
  }
  void read(const std::string& file) {
    TrainingOptions options;
    options.resume = file;
    Training training(stages_of(kAll), testing::NodeRunner::built_plugins(), options, log_);
  }
  std::string file_, changed_;
};

TEST_F(Changed, CheckpointsAreWholeOtherwise) {
  EXPECT_EQ(refusal([](weights::WeightFile&) {}), "");
  EXPECT_EQ(refusal([](weights::WeightFile& file) { file.metadata.erase("contents"); }), "")
      << "as before there was a table";
}

TEST_F(Changed, EachTensorCountsWithItsNameTypeAndShape) {
  const weights::WeightFile whole = weights::read_weights(file_);
  ASSERT_GT(whole.tensors.size(), 15U);
  for (const bool has_contents : {true, false}) {
    for (size_t i = 0; i < whole.tensors.size(); ++i) {
      const std::string name = whole.tensors[i].first;
      const auto change = [&](const auto& how) {
        return refusal([&](weights::WeightFile& file) {
          if (!has_contents) file.metadata.erase("contents");
          how(file.tensors);
        });
      };
      // Values that go on to the next chunk are named without the part of the file that holds them.
      const bool is_carried = name.starts_with("clip/");
      const std::string shown = is_carried && !has_contents ? name.substr(5) : name;
      EXPECT_THAT(change([&](auto& tensors) { tensors.erase(tensors.begin() + i); }), HasSubstr(shown + " is missing"));
      EXPECT_THAT(change([&](auto& tensors) { tensors[i].first += "x"; }), HasSubstr(shown + " is missing"));
      if (is_carried && !has_contents) continue;  // their types are known to the table alone
      const auto other = whole.tensors[i].second.is_floating_point() ? at::kHalf : at::kBool;
      EXPECT_THAT(change([&](auto& tensors) { tensors[i].second = tensors[i].second.to(other); }),
                  HasSubstr(name + " is "));
      EXPECT_THAT(change([&](auto& tensors) { tensors[i].second = tensors[i].second.unsqueeze(0); }),
                  HasSubstr(name + " is "));
    }
  }
}

TEST_F(Changed, EachCountIsInItsRange) {
  const std::vector<std::tuple<std::string, std::string, std::string>> changes = {
      {"at/stage", "-1", "at/stage is \"-1\"; it must be from 0 to 1000000000000"},
      {"at/stage", "7", " was made in stage 8, but this graph has 1 stage"},
      {"at/stage", "99999999999999999999", "at/stage is \"99999999999999999999\""},
      {"at/epoch_of_stage", "1", "at/epoch_of_stage is \"1\"; it must be from 0 to 0"},
      {"at/epoch", "6", "at/epoch is \"6\"; it must be from 0 to 5"},
      {"at/clip", "1000000000000", "at/clip is \"1000000000000\"; it must be from 0 to 1"},
      {"at/chunk", "1000000000000", "the data ends before clip 1, chunk 1000000000000"},
      {"at/chunk", "0", "at/chunk is 0 within an epoch, at clip 1"},
      {"at/chunk", "1x", "at/chunk is \"1x\""},
      {"at/clips", "-3", "at/clips is \"-3\""},
      {"at/step", "1e3", "at/step is \"1e3\""},
      {"number/watched_count", "nan", "number/watched_count is \"nan\""},
      {"number/watched_sum", "nan", "number/watched_sum is \"nan\", which is no number"},
      {"number/steps_of_epoch", "1e300", "number/steps_of_epoch is \"1e300\""},
      {"number/steps_of_last_epoch", "6", "number/steps_of_last_epoch is \"6\"; it must be from 0 to 5"},
      {"number/best", "", "number/best is \"\", which is no number"},
      {"number/best_step", "6", "number/best_step is \"6\"; it must be from 0 to 5"},
      {"file/log.jsonl", "-1", "file/log.jsonl is \"-1\""},
      {"channels_last", "network/G/calls", "channels_last names network/G/calls, which is no tensor of 4 dimensions"},
      {"channels_last", "nowhere", "channels_last names nowhere"},
      {"format", "weft checkpoint 2",
       "is in the format \"weft checkpoint 2\", but this weft reads \"weft checkpoint 1\""},
      {"format", "a\x1b[2J", " is no checkpoint of weft"},
      {"graph", "", "graph is missing"},
      {"graph", "[node.a\x1b[2J]", "its graph cannot be read\n  graph of the checkpoint:1:8: error E101: "},
  };
  for (const auto& [name, value, expected] : changes) {
    EXPECT_THAT(refusal([&, &name = name, &value = value](weights::WeightFile& file) { file.metadata[name] = value; }),
                HasSubstr(expected));
  }
  for (const char* name : {"at/stage", "at/epoch_of_stage", "at/epoch", "at/clip", "at/chunk", "at/clips", "at/step",
                           "number/watched_sum", "number/watched_count", "number/steps_of_epoch",
                           "number/steps_of_last_epoch", "file/log.jsonl", "channels_last", "graph"}) {
    EXPECT_THAT(refusal([&](weights::WeightFile& file) { file.metadata.erase(name); }),
                HasSubstr(text(name, " is missing")));
  }
}

TEST_F(Changed, NumbersOfOptimisersAreInTheirRange) {
  const auto refuse = [&](const std::string& name, double value) {
    return refusal([&](weights::WeightFile& file) {
      for (auto& [key, tensor] : file.tensors) {
        if (key == name) tensor = at::full_like(tensor, value);
      }
    });
  };
  EXPECT_THAT(refuse("update/G/chunks", 2), HasSubstr("update/G/chunks is 2; it must be from 0 to 1"));
  EXPECT_THAT(refuse("update/G/steps", -1), HasSubstr("update/G/steps is -1; it must be from 0 to 5"));
  EXPECT_THAT(refuse("update/G/adam/steps/G/w", 1.5),
              HasSubstr("update/G/adam/steps/G/w is 1.5; it must be from 0 to 2"));
  for (const char* name : {"network/G/w", "update/G/adam/second/G/w", "update/G/average/G/w", "update/G/gradient/G/w"})
    EXPECT_THAT(refuse(name, NAN), HasSubstr(text(name, " has numbers that are not finite")));
}

TEST_F(Changed, NoMoreThanEightFaultsAreListedAndTheOneBeforeIsAWayOut) {
  const std::string all = refusal([](weights::WeightFile& file) {
    for (auto& [name, tensor] : file.tensors) name += "x";
  });
  EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 10) << all;
  EXPECT_THAT(all, HasSubstr(text("the checkpoint ", changed_, " cannot be resumed: ")));
  EXPECT_THAT(
      all,
      HasSubstr("\n  another checkpoint of the run, or [weights] with a file of its folder `weights`, may be whole"));
  fs::copy_file(changed_, file_, fs::copy_options::overwrite_existing);
  EXPECT_THAT(
      testing::error_text([&] { read(file_); }),
      HasSubstr(text("\n  --resume ", checkpoint(run_folder_of(file_), 4), " goes on with the checkpoint before it")));
}

TEST_F(Changed, FilesThatAreDamagedLeaveAWayOut) {
  for (const auto& [length, expected] : {std::pair(0, "is empty"), std::pair(5, "is no weight file"),
                                         std::pair(100, "its header claims "), std::pair(9000, "")}) {
    fs::resize_file(file_, static_cast<uintmax_t>(length));
    const std::string error = testing::error_text([&] { read(file_); });
    EXPECT_THAT(error, HasSubstr(expected));
    EXPECT_THAT(error, HasSubstr("goes on with the checkpoint before it")) << length;
    fs::copy_file(checkpoint(run_folder_of(file_), 4), file_, fs::copy_options::overwrite_existing);
  }
}

TEST_F(Checkpoints, NumbersThatAreNotFiniteAreNotSavedOverGoodOnes) {
  // The second step brings the weight beyond what a float holds; the loss is of the step before.
  const std::string diverging = testing::error_text([&] {
    train(kAll, {"update.G.use=sgd", "update.G.lr=3e38", "update.G.accumulate=1", "run.keep=1"});
  });
  EXPECT_THAT(diverging, HasSubstr("finite"));
  const std::string folder = fs::canonical(parent_ / "run1" / "last");
  EXPECT_TRUE(fs::exists(folder + "/checkpoints/not-finite.safetensors"));
  for (const SavedCheckpoint& saved : saved_checkpoints(folder + "/checkpoints"))
    EXPECT_TRUE(std::isfinite(read_checkpoint(saved.path).tensors.at("network/G/w").item<float>()));
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
