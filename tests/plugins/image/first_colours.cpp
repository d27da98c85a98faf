#include "framework/node/archive.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/full.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::ids_of;
using testing::NodeRunner;
using testing::values;

at::Tensor grey(float value) {
  return at::full({1, 3, 1, 4}, value);
}

/// What channel `channel` is after a frame of one grey with the instances `seen`, for the instances `now`.
std::vector<float> channel_after(NodeRunner& node, float value, const std::vector<int64_t>& seen,
                                 const std::vector<int64_t>& now, int64_t channel) {
  node.input("image", grey(value)).input("seen", ids_of({seen})).input("instances", ids_of({now})).run();
  return values(node.tensor("colours")[0][channel]);
}

TEST(ImageFirstColours, PaintsInstancesAsTheyWereFirstSeen) {
  NodeRunner node("image.first_colours");
  node.set("least_pixels", int64_t{2});
  EXPECT_THAT(channel_after(node, 0.5, {1000, 1000, 7, 7}, {7, 1000, 1000, 1001}, 0), ElementsAre(0, 0.5, 0.5, 0));
  EXPECT_THAT(values(node.tensor("colours")[0][3]), ElementsAre(0, 1, 1, 0));
  // 1000 stays; 1001 is new.
  EXPECT_THAT(channel_after(node, -1, {1000, 1000, 1001, 1001}, {7, 1000, 1001, 1001}, 2), ElementsAre(0, 0.5, -1, -1));
  node.node().reset();
  EXPECT_THAT(channel_after(node, 1, {7, 7, 7, 7}, {7, 1000, 1001, 1001}, 3), ElementsAre(0, 0, 0, 0));
}

TEST(ImageFirstColours, WaitsUntilAFrameShowsEnough) {
  NodeRunner node("image.first_colours");
  node.set("least_pixels", int64_t{3});
  EXPECT_THAT(channel_after(node, 1, {1000, 1000, 7, 7}, {1000, 1000, 7, 7}, 3), ElementsAre(0, 0, 0, 0));
  EXPECT_THAT(channel_after(node, -1, {1000, 1000, 1000, 7}, {1000, 7, 7, 7}, 3), ElementsAre(1, 0, 0, 0));
}

TEST(ImageFirstColours, IsEmptyBeforeTheFirstFrame) {
  NodeRunner node("image.first_colours");
  node.set("least_pixels", int64_t{1});
  node.input("instances", ids_of({{1000, 1001}})).run();
  EXPECT_THAT(values(node.tensor("colours")[0][3]), ElementsAre(0, 0));
}

TEST(ImageFirstColours, GoesOnFromASavedState) {
  NodeRunner node("image.first_colours"), resumed("image.first_colours");
  node.set("least_pixels", int64_t{1});
  resumed.set("least_pixels", int64_t{1});
  channel_after(node, 0.5, {1000, 1000, 1000, 1000}, {1000, 7, 7, 7}, 0);
  Archive saved;
  node.node().state(saved);
  Archive restored(saved.entries());
  resumed.node().state(restored);
  EXPECT_THAT(channel_after(resumed, -1, {1000, 1000, 1000, 1000}, {1000, 7, 7, 7}, 0), ElementsAre(0.5, 0, 0, 0));
}

}  // namespace
}  // namespace weft
