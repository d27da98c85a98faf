// Few-shot vid2vid from folders: what its training files train, and what fine-tuning leaves alone.
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

Settings operator+(Settings a, const Settings& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

const Settings kSmallNetworks = {"features=4",       "down=3",           "layers=1",
                                 "flow_features=4",  "flow_down=2",      "flow_blocks=1",
                                 "judge_features=4", "weights.vgg=fill", "update.G.loss.vgg=0"};
const Settings kSmall = kSmallNetworks + Settings{"run.batch=1",
                                                  "run.show=[]",
                                                  "size=[64, 32]",
                                                  "clips=2",
                                                  "apart=[1, 4]",
                                                  "weights.flow=random",
                                                  "update.G.loss.flow_error=0",
                                                  "update.G.loss.flow_error_example=0"};

class FewShotGraphs : public testing::TextFiles {
 protected:
  void SetUp() override {
    TextFiles::SetUp();
    for (const char* type : {"pose.openpose_folder", "face.draw", "media.write_video"}) {
      if (!testing::NodeRunner::built_plugins().find(type)) GTEST_SKIP() << "this build has no " << type;
    }
    for (const char* video : {"ann", "ben"}) {
      const testing::Clips clips(path(video), 8);
      for (const auto& [kind, folder] : {std::pair{"images", clips.images}, std::pair{"densepose", clips.densepose},
                                         std::pair{"openpose", clips.openpose}, std::pair{"landmarks", clips.landmarks},
                                         std::pair{"labels", clips.labels}}) {
        fs::create_directories(path(kind));
        fs::rename(folder, fs::path(path(kind)) / video);
      }
    }
  }

  /// Trains so many chunks of a plan. @returns the networks that moved
  Networks trained(const graph::Plan& plan, int chunks) {
    train::Trainer trainer(plan, testing::NodeRunner::built_plugins(), {}, log_);
    const Archive::Entries before = testing::copy_of(trainer.learnt().save());
    trainer.begin_epoch(trainer.position());
    for (int chunk = 0; chunk < chunks; ++chunk) {
      const auto result = trainer.next({0, 10, 0, 20});
      EXPECT_TRUE(result.has_value());
      if (!result) return {};
      for (const train::UpdateResult& update : result->updates)
        for (const train::UpdateResult::Loss& loss : update.losses)
          EXPECT_TRUE(std::isfinite(loss.value.value_or(0))) << loss.name;
    }
    return testing::moved(before, trainer.learnt().save(), testing::Compared::All);
  }

  Log log_{Log::Level::Quiet};
};

const Networks kCombined = {"F.G", "F.encoder", "F.examples", "F.flow_example", "F.weights"};

Networks operator+(Networks a, const Networks& b) {
  a.insert(b.begin(), b.end());
  return a;
}

TEST_F(FewShotGraphs, PeopleAreTrainedWithAnotherFrameAsTheExample) {
  const graph::Checked all = testing::checked_graph(
      "fewshot/train-pose",
      kSmall + Settings{"images=" + path("images"), "densepose=" + path("densepose"), "openpose=" + path("openpose"),
                        "frame=[64, 128]", "example_frame=[64, 128]", "face_size=16", "update.G.loss.vgg_face=0"});
  ASSERT_EQ(all.stages.size(), 6U);
  EXPECT_EQ(trained(all.stages[0].plan, 1), kCombined + Networks({"D", "D_face"}));
  EXPECT_EQ(trained(all.stages[1].plan, 2), kCombined + Networks({"D", "D_face"}));
}

TEST_F(FewShotGraphs, FacesAreTrainedWithAnotherFrameAsTheExample) {
  const graph::Checked all = testing::checked_graph(
      "fewshot/train-face",
      kSmall + Settings{"images=" + path("images"), "landmarks=" + path("landmarks"), "size=[32, 32]"});
  ASSERT_EQ(all.stages.size(), 6U);
  EXPECT_EQ(trained(all.stages[0].plan, 1), kCombined + Networks({"D"}));
  EXPECT_EQ(trained(all.stages[1].plan, 2), kCombined + Networks({"D"}));
}

TEST_F(FewShotGraphs, FineTuningLeavesFlowAndMaskAlone) {
  const Settings settings = {"examples=" + path("images/ann"),
                             "example_labels=" + path("labels/ann"),
                             "size=[32, 64]",
                             "spectral_norm=false",
                             "weights.F=random",
                             "weights.D=random",
                             "iterations=3"};
  const graph::Checked all = testing::checked_graph("fewshot/finetune", kSmallNetworks + settings);
  ASSERT_TRUE(all.train.has_value());
  EXPECT_EQ(trained(*all.train, 3), (Networks{"D", "F.G", "F.encoder", "F.examples", "F.weights"}));
}

}  // namespace
}  // namespace weft
