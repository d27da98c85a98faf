// The training files of Monkey-Net and PoseWarp: each stage trains the networks that it names, on miniature data.
#include "framework/testing/node_runner.h"
#include "framework/train/trainer.h"
#include "tests/graphs/clips.h"
#include "tests/graphs/networks.h"
#include "tests/plugins/text_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

namespace weft {
namespace {

namespace fs = std::filesystem;

using Settings = std::vector<std::string>;
using testing::Networks;

class MotionTransfer : public testing::TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    for (const char* type : {"pose.openpose_folder", "media.write_video"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
    const testing::Clips clips(path("drawn"));
    for (const char* folder : {"train/images", "poses"}) fs::create_directories(path(folder));
    fs::rename(clips.images, path("train/images/video"));
    fs::rename(clips.openpose, path("poses/video"));
  }

  std::vector<graph::Stage> stages(const std::string& file, Settings settings) const {
    settings.insert(settings.end(), {"data=" + path(), "run.batch=1", "run.show=[]", "clips=2", "size=[32, 32]",
                                     "features=4", "judge_features=4"});
    return testing::checked_graph("fewshot/" + file, settings).stages;
  }

  /// Makes one step. @returns the networks of which something that learns has changed
  Networks trained(const graph::Stage& stage) {
    train::Trainer trainer(stage.plan, testing::NodeRunner::built_plugins(), {}, log_);
    const Archive::Entries before = testing::copy_of(trainer.learnt().save());
    trainer.begin_epoch(trainer.position());
    const auto result = trainer.next({0, 10, 0, 20});
    EXPECT_TRUE(result.has_value());
    if (!result) return {};
    for (const train::UpdateResult& update : result->updates)
      for (const train::UpdateResult::Loss& loss : update.losses)
        EXPECT_TRUE(loss.value && std::isfinite(*loss.value)) << loss.name;
    return testing::moved(before, trainer.learnt().save(), testing::Compared::Weights);
  }

  Log log_{Log::Level::Quiet};
};

const Settings kMonkeyNet = {"span=3",          "keypoints=3",    "most_features=16",          "blocks=2",
                             "motion_blocks=2", "judge_blocks=2", "reconstruction=[10, 10, 1]"};

TEST_F(MotionTransfer, MonkeyNetTrainsAllItsNetworks) {
  const Networks all = {"G.motion", "G.generator", "detector", "D"};
  const std::vector<graph::Stage> both = stages("train-monkeynet", kMonkeyNet);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(trained(both[0]), all);
  EXPECT_EQ(trained(both[1]), all);
}

TEST_F(MotionTransfer, MonkeyNetTrainsForRobotArms) {
  Settings settings = kMonkeyNet;
  settings.push_back("update.G.loss.\"gan.generator\"=0");
  settings.push_back("update.G.loss.match=0");
  const std::vector<graph::Stage> one = stages("train-monkeynet-bair", settings);
  ASSERT_EQ(one.size(), 1U);
  // The warped source alone teaches the detector and the motion.
  EXPECT_EQ(trained(one[0]), (Networks{"G.motion", "detector", "D"}));
}

TEST_F(MotionTransfer, PoseWarpTrainsWithoutAndWithADiscriminator) {
  const std::vector<graph::Stage> both =
      stages("train-posewarp", {"poses=" + path("poses"), "weights.vgg=random", "stride=2"});
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(trained(both[0]), (Networks{"G.segmentation", "G.behind", "G.front"}));
  EXPECT_EQ(trained(both[1]), (Networks{"G.segmentation", "G.behind", "G.front", "D"}));
}

}  // namespace
}  // namespace weft
