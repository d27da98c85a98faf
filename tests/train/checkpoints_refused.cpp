// Which checkpoints training does not go on from: of another graph, changed, damaged, with numbers that are not finite.
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/train/training.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/weight_file.h"
#include "tests/train/checkpoints_fixture.h"
#include "tests/train/trained.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full_like.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace weft::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

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
      {"at/chunk", "0", " is of no use between clips"},
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
