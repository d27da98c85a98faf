#include "framework/testing/node_runner.h"
#include "tests/plugins/face/faces.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/zeros.h>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;
using Corners = std::vector<double>;

/// Landmarks between two corners.
at::Tensor face_between(double left, double top, double right, double bottom) {
  Landmarks landmarks = all_at(left, top);
  landmarks.back() = {right, bottom};
  return keypoints(landmarks);
}

/// left, top, right, bottom.
Corners corners_of(NodeRunner& node, const at::Tensor& face, int64_t height = 480, int64_t width = 640) {
  const at::Tensor window =
      node.input("keypoints", face).input("image", at::zeros({1}).expand({1, 3, height, width})).run().tensor("window");
  const auto corner = window.accessor<double, 3>();
  return {corner[0][0][0], corner[0][0][1], corner[0][1][0], corner[0][1][1]};
}

TEST(FaceWindow, IsTwoAndAHalfTimesAsWideAsTheFace) {
  NodeRunner node("face.window");
  // Width 80: side 200. The centre is (250, (3 * 160 + 260) / 4 = 185).
  EXPECT_EQ(corners_of(node, face_between(210, 160, 290, 260)), (Corners{150, 85, 350, 285}));
}

TEST(FaceWindow, OfFewShotIsTwiceAsWideAsTheFace) {
  NodeRunner node("face.window"), beside("face.window");
  for (NodeRunner* find : {&node, &beside}) find->set("program", std::string("few_shot"));
  // Width 80, about (250, 210); it begins 100 above.
  EXPECT_EQ(corners_of(node, face_between(210, 160, 290, 260)), (Corners{170, 110, 330, 270}));
  EXPECT_EQ(corners_of(beside, face_between(10, 10, 90.5, 110)), (Corners{-30, -40, 130, 120})) << "not moved";
  NodeRunner narrow("face.window");
  narrow.set("program", std::string("few_shot"));
  EXPECT_EQ(error_of([&] { corners_of(narrow, face_between(10, 10, 10.5, 110)); }),
            "the landmarks of a face are 0.5 pixels wide\n  the landmarks of a face must span at least one pixel");
}

TEST(FaceWindow, MovesIntoTheFrame) {
  NodeRunner above("face.window"), beside("face.window");
  EXPECT_EQ(corners_of(above, face_between(100, 60, 180, 160)), (Corners{40, 0, 240, 200}));
  EXPECT_EQ(corners_of(beside, face_between(540, 380, 620, 480)), (Corners{440, 280, 640, 480}));
}

TEST(FaceWindow, ReachesOverTheBordersWhereItDoesNotFit) {
  NodeRunner node("face.window");
  // Side 250 in a frame of 128: it ends where the frame ends.
  EXPECT_EQ(corners_of(node, face_between(10, 10, 110, 110), 128, 128), (Corners{-122, -122, 128, 128}));
}

TEST(FaceWindow, StaysForTheSequenceOrTheRun) {
  const at::Tensor first = face_between(210, 160, 290, 260), second = face_between(220, 160, 300, 260);
  NodeRunner of_sequence("face.window"), of_run("face.window");
  of_run.set("keep", std::string("run"));
  for (NodeRunner* node : {&of_sequence, &of_run}) {
    const Corners found = corners_of(*node, first);
    EXPECT_EQ(corners_of(*node, second), found);
    node->node().reset();
    EXPECT_EQ(corners_of(*node, second) == found, node == &of_run);
  }
}

TEST(FaceWindow, EveryOtherOneIsMirroredInTraining) {
  const Corners straight = {150, 85, 350, 285}, turned = {350, 85, 150, 285};
  NodeRunner training("face.window"), run("face.window");
  training.set("flip", true).context().set_training(true);
  run.set("flip", true);
  int mirrored = 0;
  for (uint64_t sequence = 0; sequence < 400; ++sequence) {
    training.context().set_sequence("", sequence);
    training.node().reset();
    const Corners corners = corners_of(training, face_between(210, 160, 290, 260));
    EXPECT_TRUE(corners == straight || corners == turned);
    EXPECT_EQ(corners_of(training, face_between(220, 160, 300, 260)), corners) << "for all of the sequence";
    mirrored += corners == turned ? 1 : 0;
    run.context().set_sequence("", sequence);
    run.node().reset();
    EXPECT_EQ(corners_of(run, face_between(210, 160, 290, 260)), straight);
  }
  EXPECT_NEAR(mirrored, 200, 40) << "four deviations";
}

TEST(FaceWindow, IsSavedWithARun) {
  NodeRunner stopped("face.window"), resumed("face.window");
  Archive before_the_first_frame;
  stopped.node().state(before_the_first_frame);
  const Corners found = corners_of(stopped, face_between(210, 160, 290, 260));
  Archive saved;
  stopped.node().state(saved);
  Archive restored(saved.entries());
  resumed.node().state(restored);
  EXPECT_EQ(corners_of(resumed, face_between(220, 160, 300, 260)), found);

  Archive empty(before_the_first_frame.entries());
  resumed.node().state(empty);
  EXPECT_NE(corners_of(resumed, face_between(220, 160, 300, 260)), found);
}

TEST(FaceWindow, RefusesAFaceWithoutWidth) {
  NodeRunner node("face.window");
  EXPECT_EQ(error_of([&] { corners_of(node, keypoints(all_at(5, 5))); }),
            "the landmarks of a face are 0 pixels wide\n  the landmarks of a face must span at least one pixel");
}

TEST(FaceWindow, WaitsForTheFirstFace) {
  NodeRunner node("face.window");
  const at::Tensor nobody = at::zeros({1, 68, 3}, at::kDouble);
  // The middle of the frame, which is not kept.
  EXPECT_EQ(corners_of(node, nobody), (Corners{80, 0, 560, 480}));
  const Corners found = corners_of(node, face_between(210, 160, 290, 260));
  EXPECT_EQ(found, (Corners{150, 85, 350, 285}));
  EXPECT_EQ(corners_of(node, nobody), found);
  EXPECT_EQ(corners_of(node, face_between(220, 160, 300, 260)), found);
}

}  // namespace
}  // namespace weft::face
