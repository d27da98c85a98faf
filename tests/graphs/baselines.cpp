// The training files of the baselines: each stage trains the networks that it names, and no other.
#include "framework/testing/node_runner.h"
#include "framework/train/trainer.h"
#include "tests/graphs/networks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace weft {
namespace {

using Settings = std::vector<std::string>;
using testing::Networks;

constexpr int kMostChunks = 4;

/// A training file below graphs/, what makes it small, and the networks that each stage trains.
struct Row {
  std::string file;
  Settings settings;
  std::vector<Networks> learn;

  friend void PrintTo(const Row& row, std::ostream* out) { *out << row.file; }
};

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Settings kFewFrames = {"sequences=1", "frames=2", "run.batch=1", "run.show=[]"};
const Settings kImages = kFewFrames + Settings{"size=[32, 64]", "features=4"};
const Settings kJudged = {"judge_features=4", "weights.vgg=fill", "update.G.loss.vgg=0"};
const Settings kSmallGlobal = {"down=2", "blocks=1"};
const Settings kSmallSpade = {"crop_size=64", "upsampling=normal"};

const Networks kFewShotSingle = {"F.examples", "F.encoder", "F.weights", "F.G", "D"};
const Networks kFewShot = {"F.examples", "F.encoder", "F.weights", "F.G", "F.flow", "D"};

const Settings kFewShotStreet =
    kJudged + Settings{"sequences=1", "run.batch=1",     "run.show=[]", "size=[32, 64]", "features=4",
                       "down=3",      "flow_features=4", "flow_down=2", "flow_blocks=1", "layers=2"};

const Settings kFilm = {"sequences=1", "run.batch=1", "run.show=[]", "size=[32, 32]", "features=4"};
const Networks kFilmNetworks = {"F.motion.trunk", "F.motion.w", "F.h.trunk", "F.h.h", "D", "D_T"};

/// The networks of a baseline. @param start  the one that makes what the generator begins with
Networks styled(const std::string& start, bool has_flow) {
  Networks networks = {"F.style", start, "F.G", "D"};
  if (has_flow) networks.insert("F.flow");
  return networks;
}

const Networks kPredictor = {"P.trunk", "P.w", "P.h", "D_T"};
const Settings kSmallPredictor = {"sequences=1",  "run.batch=1", "run.show=[]",     "size=[64, 128]",
                                  "P.features=4", "P.blocks=1",  "judge_features=4"};

const Settings kOfTheTable = {"sequences=1", "run.batch=1", "run.show=[]", "features=4"};

const Settings kTransfer = {"sequences=1", "run.show=[]", "size=[64, 128]"};
const Networks kAdapted = {"F.motion.trunk", "F.motion.w", "F.h.trunk", "F.h.h", "F.front.trunk", "F.front.h", "first"};

Networks with_judges(Networks networks) {
  networks.insert({"D", "D_T"});
  return networks;
}

const Networks kRestorer = {"R.r.trunk", "R.r.h"};
const Settings kSmallRestorer = {"sequences=1",   "run.batch=1",  "run.show=[]",
                                 "size=[32, 64]", "R.features=4", "R.blocks=1"};

const std::vector<Row> kRows = {
    {"pix2pixhd/train", kImages + kJudged + kSmallGlobal, {{"G", "D"}}},
    {"pix2pixhd/train-features",
     kImages + kJudged + kSmallGlobal + Settings{"encoder_features=4", "encoder_down=2"},
     {{"G", "E", "D"}}},
    {"pix2pixhd/train-local",
     kImages + kJudged + kSmallGlobal +
         Settings{"global_features=8", "local_blocks=1", R"(weights."G.coarse"=random)", "judge_scales=1"},
     {{"G.fine", "D"}, {"G.coarse", "G.fine", "D"}}},
    {"pix2pixhd/train-covst", kImages + kSmallGlobal + Settings{"weights.G=random"}, {{"compose"}}},
    {"pix2pixhd/train-consistent",
     kImages + kSmallGlobal +
         Settings{"weights.G=random", "steady_features=4", "weights.vgg=fill", "update.C.loss.vgg=0"},
     {{"C"}}},
    {"spade/train", kImages + kJudged + kSmallSpade, {{"G", "D"}}},
    {"spade/train-style", kImages + kJudged + kSmallSpade, {{"G", "E", "D"}}},
    {"fewshot/train-street", kFewShotStreet, {kFewShotSingle, kFewShot, kFewShot, kFewShot, kFewShot, kFewShot}},
    {"fewshot/train-encoder",
     kFewShotStreet,
     {styled("F.start", false), styled("F.start", true), styled("F.start", true), styled("F.start", true),
      styled("F.start", true), styled("F.start", true)}},
    {"fewshot/train-concat-style",
     kFewShotStreet,
     {styled("F.begin", false), styled("F.begin", true), styled("F.begin", true), styled("F.begin", true),
      styled("F.begin", true), styled("F.begin", true)}},
    {"fewshot/train-adain",
     kFewShotStreet,
     {styled("F.begin", false), styled("F.begin", true), styled("F.begin", true), styled("F.begin", true),
      styled("F.begin", true), styled("F.begin", true)}},
    {"world/train-few-shot",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[32, 64]", "features=4", "layers=2", "flow_features=4",
      "flow_blocks=1"},
     {kFewShotSingle, kFewShot, kFewShot, kFewShot}},
    {"world/train-pose", kFilm, std::vector<Networks>(7, kFilmNetworks)},
    {"world/train-face", kFilm, std::vector<Networks>(7, kFilmNetworks)},
    {"world/baselines/train-pix2pixhd", kOfTheTable, std::vector<Networks>(3, {"G", "D"})},
    {"world/baselines/train-spade", kOfTheTable, std::vector<Networks>(3, {"G", "D"})},
    {"world/baselines/train-covst", kOfTheTable, std::vector<Networks>(3, {"G", "D", "compose"})},
    {"world/baselines/train-consistent", kOfTheTable, std::vector<Networks>(3, {"G", "D", "C"})},
    {"prediction/train-s2s", {"sequences=1", "run.batch=1", "size=[16, 32]", "features=4", "wide=4"}, {{"S"}, {"S"}}},
    {"prediction/train-street", kSmallPredictor, std::vector<Networks>(6, kPredictor)},
    {"prediction/train-steered", kSmallPredictor, std::vector<Networks>(6, kPredictor)},
    {"prediction/train-together",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[32, 64]", "run.chunk=3", "run.bptt=3", "frames=5"},
     {{"P.trunk", "P.w", "P.h", "F.motion.trunk", "F.motion.w", "F.h.trunk", "F.h.h", "F.front.trunk", "F.front.h"}}},
    {"prediction/train-street-s2s",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[64, 128]", "predictor_features=4", "predictor_wide=4"},
     {{"P"}, {"P"}}},
    {"prediction/train-street-prednet",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[16, 16]", "stack=[3, 4, 4]"},
     {{"P"}, {"P"}}},
    {"prediction/train-street-mcnet",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[16, 32]", "features=2", "judge_features=2"},
     {{"P", "D"}, {"P", "D"}}},
    {"prediction/train-prednet",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[16, 16]", "stack=[3, 4, 4]"},
     {{"P"}, {"P"}, {"P"}, {"P"}}},
    {"prediction/train-mcnet",
     {"sequences=1", "run.batch=1", "run.show=[]", "size=[16, 32]", "features=2", "judge_features=2"},
     {{"P", "D"}}},
    {"restoration/train-super-resolution", kSmallRestorer, {kRestorer, kRestorer}},
    {"restoration/train-colourisation", kSmallRestorer, {kRestorer, kRestorer}},
    {"restoration/train-denoising", kSmallRestorer, {kRestorer, kRestorer}},
    {"transfer/train", kTransfer, {kAdapted}},
    {"transfer/train-recipe", kTransfer, {with_judges(kAdapted)}},
};

class BaselineRecipe : public ::testing::TestWithParam<Row> {
 protected:
  void SetUp() override {
    // The graphs that are trained are based on those that write a video.
    if (!testing::NodeRunner::built_plugins().find("media.write_video")) GTEST_SKIP() << "this build writes no videos";
  }

  Log log_{Log::Level::Quiet};
};

TEST_P(BaselineRecipe, TrainsWhatItsStagesName) {
  const std::vector<graph::Stage> all = testing::checked_graph(GetParam().file, GetParam().settings).stages;
  ASSERT_EQ(all.size(), GetParam().learn.size());
  for (size_t index = 0; index < all.size(); ++index) {
    SCOPED_TRACE(all[index].name);
    train::Trainer trainer(all[index].plan, testing::NodeRunner::built_plugins(), {}, log_);
    const Archive::Entries before = testing::copy_of(trainer.learnt().save());
    trainer.begin_epoch(trainer.position());
    std::set<std::string> missing, seen;
    // Losses of motion have no value at the first frame of a clip.
    for (int chunk = 0; chunk == 0 || (chunk < kMostChunks && !missing.empty()); ++chunk) {
      const auto result = trainer.next({0, 10, 0, 20});
      ASSERT_TRUE(result.has_value());
      for (const train::UpdateResult& update : result->updates) {
        for (const train::UpdateResult::Loss& loss : update.losses) {
          if (loss.weight == 0) continue;
          (loss.value ? seen : missing).insert(loss.name);
          EXPECT_TRUE(std::isfinite(loss.value.value_or(0))) << loss.name;
        }
      }
      std::erase_if(missing, [&](const std::string& name) { return seen.contains(name); });
    }
    EXPECT_EQ(missing, std::set<std::string>());
    EXPECT_EQ(testing::moved(before, trainer.learnt().save(), testing::Compared::Weights), GetParam().learn[index]);
  }
}

INSTANTIATE_TEST_SUITE_P(Graphs, BaselineRecipe, ::testing::ValuesIn(kRows), [](const auto& info) {
  std::string name = info.param.file;
  for (char& c : name) c = c == '-' || c == '/' ? '_' : c;
  return name;
});

}  // namespace
}  // namespace weft
