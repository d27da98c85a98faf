// What a checkpoint keeps, and that training goes on from it as if nothing had been.
#include "framework/testing/error_text.h"
#include "framework/train/training.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/weight_file.h"
#include "tests/train/checkpoints_fixture.h"
#include "tests/train/trained.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace weft::train {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

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

TEST_F(Checkpoints, ATrainingThatWasStoppedBetweenTwoClipsGoesOn) {
  const std::string whole = train(kAll);
  const std::string file = checkpoint(train(kAll, {"run.steps=4"}), 4);
  // The checkpoint of a signal that comes while the second clip is opened: the first one has four chunks.
  weights::WeightFile between = weights::read_weights(file);
  ASSERT_EQ(between.metadata.at("at/clip"), "0");
  ASSERT_EQ(between.metadata.at("at/chunk"), "4");
  between.metadata["at/clip"] = between.metadata["at/clips"] = "1";
  between.metadata["at/chunk"] = "0";
  between.metadata.erase("contents");
  std::erase_if(between.tensors, [](const auto& tensor) { return tensor.first.starts_with("clip/"); });
  weights::write_safetensors(file, between);
  const std::string resumed = train(kAll, {}, file);
  expect_equal(checkpoint(resumed, 5), checkpoint(whole, 5));
  expect_equal(checkpoint(resumed, 16), checkpoint(whole, 16));
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
  fs::remove_all(killed + "/weights-best");
  for (const char* file :
       {"/checkpoints/00000009.safetensors.partial-77", "/weights/G.safetensors.partial-77", "/report.html.partial-1"})
    std::ofstream(killed + file) << "half";
  std::ofstream(killed + "/log.jsonl", std::ios::app) << "{\"level\": \"st";
  train(kAll, settings, find_checkpoint(killed));
  expect_equal(killed + "/checkpoints/best.safetensors", checkpoints + "best.safetensors");
  const auto content = [](const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const std::string best = content(folder + "/weights-best/G.safetensors");
  EXPECT_FALSE(best.empty());
  EXPECT_TRUE(content(killed + "/weights-best/G.safetensors") == best);
  EXPECT_EQ(names_in(killed + "/weights"), names_in(folder + "/weights"));
  EXPECT_FALSE(fs::exists(killed + "/checkpoints/00000009.safetensors.partial-77"));
  EXPECT_FALSE(fs::exists(killed + "/report.html.partial-1"));
  EXPECT_FALSE(fs::exists(killed + "/aside-1")) << "it did not go back";
}

TEST_F(Checkpoints, TheBestHasItsNameOnlyOnceItsWeightsAreThere) {
  const std::string folder = train(kAll, {"run.best=max gan.generator", "run.steps=8"});
  const std::string best = folder + "/checkpoints/best.safetensors", weights = folder + "/weights-best/G.safetensors";
  const int64_t step = read_checkpoint(best).position.step;
  fs::remove(best);
  fs::remove(weights);
  fs::create_directories(weights + "/in the way");
  const std::string error = testing::error_text([&] {
    train(kAll, {"run.best=max gan.generator", "run.steps=8"}, checkpoint(folder, step));
  });
  EXPECT_THAT(error, HasSubstr("weights-best/G.safetensors"));
  EXPECT_FALSE(fs::exists(best)) << "a resumed run would take the weights for complete";
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

}  // namespace
}  // namespace weft::train
