// How much of a training is left: chunks of later stages, by what is known of their clips.
#include "framework/train/time_left.h"

#include "tests/train/trained.h"

#include <gtest/gtest.h>

namespace weft::train {
namespace {

const std::string kGraph = R"(
[run]
chunk = 2
[node.x]
use = "toy.counter"
size = [2, 2]
frames = 4
[node.G]
use = "toy.scale"
in = "x"
weight = 3.0
[node.loss]
use = "toy.mean"
in = "G"
[weights]
G = "random"
[update.G]
of = ["G"]
lr = 0.5
[update.G.loss]
loss = 1.0
[[stage]]
name = "short"
epochs = 2
[[stage]]
name = "later"
epochs = 3
)";

std::optional<int64_t> left_of(const std::string& later, const EpochsLeft& left, const EpochSteps& steps) {
  const std::vector<graph::Stage> stages = stages_of(kGraph + later);
  std::vector<EpochSize> sizes;
  for (const graph::Stage& stage : stages) sizes.push_back(epoch_size(stage));
  return chunks_left(stages, sizes, left, steps);
}

TEST(TimeLeft, IsNotKnownInAFirstEpoch) {
  EXPECT_EQ(left_of("", {0, 5}, {3, 0}), std::nullopt);
}

TEST(TimeLeft, CountsTheEpochsOfAllStages) {
  EXPECT_EQ(left_of("", {0, 4}, {3, 10}), 37);
}

TEST(TimeLeft, CountsLongerClipsByTheirFrames) {
  // One more epoch of 10 chunks of this stage, and three with clips twice as long.
  EXPECT_EQ(left_of("set.node.x.frames = 8", {0, 4}, {0, 10}), 70);
}

TEST(TimeLeft, IsNotKnownBeforeAStageOfOtherClips) {
  EXPECT_EQ(left_of("set.node.x.sequences = 2", {0, 4}, {3, 10}), std::nullopt);
  EXPECT_EQ(left_of("set.node.x.sequences = 2", {1, 3}, {3, 10}), 27) << "in that stage itself it is";
}

TEST(TimeLeft, AStageOfOtherClipsBeginsWithoutAKnownNumber) {
  const std::vector<graph::Stage> same = stages_of(kGraph + "set.node.x.frames = 8");
  EXPECT_EQ(steps_of_next(epoch_size(same[0]), epoch_size(same[1]), 10), 20)
      << "each clip has four chunks instead of two";
  const std::vector<graph::Stage> other = stages_of(kGraph + "set.node.x.sequences = 2");
  EXPECT_EQ(steps_of_next(epoch_size(other[0]), epoch_size(other[1]), 10), 0);
}

}  // namespace
}  // namespace weft::train
