#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

TEST(GanFaceBox, IsAboutTheMiddleOfTheHeadsOfTheBatch) {
  at::Tensor pose = at::zeros({2, 6, 64, 64});
  pose[0][2][20][30] = 0.95;
  pose[1][2][29][40] = 1;
  pose[0][3][60][60] = 1;  // of another map
  NodeRunner node("gan.face_box");
  node.set("size", int64_t{16}).input("s", pose).run();
  // The middle of 30 and 40 is 35, that of 20 and 29, rounded down, 24.
  EXPECT_THAT(values(node.tensor("box")), ElementsAre(27, 16, 1, 43, 32, 1, 27, 16, 1, 43, 32, 1));
  EXPECT_EQ(node.tensor("found").item<float>(), 1);
}

TEST(GanFaceBox, StaysWithinTheFrame) {
  at::Tensor pose = at::zeros({1, 3, 64, 64});
  pose[0][2][1][63] = 1;
  NodeRunner node("gan.face_box");
  node.set("size", int64_t{16}).input("s", pose).run();
  // Centres lie between 8 and 63 - 8.
  EXPECT_THAT(values(node.tensor("box")), ElementsAre(47, 0, 1, 63, 16, 1));
}

TEST(GanFaceBox, SaysThatThereIsNoHead) {
  NodeRunner node("gan.face_box");
  EXPECT_EQ(node.set("size", int64_t{16}).input("s", at::zeros({1, 3, 64, 64})).run().tensor("found").item<float>(), 0);
}

TEST(GanFaceBox, FindsTheColourOfTheNeckInADrawing) {
  at::Tensor pose = at::full({1, 3, 64, 64}, -1.0);
  pose.select(1, 2).fill_(1);  // what is a head in the other map
  // The colour (153, 0, 51).
  pose[0][0][32][32] = 153 / 127.5 - 1;
  pose[0][2][32][32] = 51 / 127.5 - 1;
  NodeRunner node("gan.face_box");
  node.set("map", "openpose").set("size", int64_t{8}).input("s", pose).run();
  EXPECT_THAT(values(node.tensor("box")), ElementsAre(28, 28, 1, 36, 36, 1));
}

TEST(GanFaceBox, RefusesAMapOfOneChannel) {
  NodeRunner node("gan.face_box");
  node.input("s", at::zeros({1, 1, 64, 64}));
  EXPECT_EQ(error_text([&] { node.run(); }),
            "gan.face_box reads the first three channels, but there are 1\n  wire the map of pose.densepose or "
            "pose.draw to it");
}

}  // namespace
}  // namespace weft
