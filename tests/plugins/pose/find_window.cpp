#include "framework/testing/node_runner.h"
#include "tests/plugins/pose/people.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>

namespace weft::pose {
namespace {

using testing::error_of;
using testing::NodeRunner;
using Corners = std::vector<double>;

/// A person from eyes at `top` to ankles at `bottom`, and from `left` to `left` + 20.
at::Tensor person(double left, double top, double bottom) {
  at::Tensor keypoints = nobody();
  set_point(keypoints, kBody + 15, left, top);
  set_point(keypoints, kBody + 16, left + 20, top);
  set_point(keypoints, kBody + 11, left, bottom);
  set_point(keypoints, kBody + 14, left + 20, bottom);
  return keypoints;
}

/// The node under test, for a video of 128x200 pixels.
struct Finder : NodeRunner {
  Finder() : NodeRunner("pose.window") { set("frame_size", std::vector<int64_t>{200, 128}); }

  /// left, top, right, bottom.
  Corners of(const at::Tensor& keypoints) {
    const at::Tensor window = input("keypoints", keypoints).run().tensor("window");
    const auto corner = window.accessor<double, 3>();
    return {corner[0][0][0], corner[0][0][1], corner[0][1][0], corner[0][1][1]};
  }
};

TEST(PoseWindow, IsOneAndAHalfTimesAsHighAsThePerson) {
  Finder find, square;
  // Half as high 75, half as wide 37, about (60, 90).
  EXPECT_EQ(find.of(person(50, 40, 140)), (Corners{23, 15, 97, 165}));
  square.set("aspect", 0.8);
  EXPECT_EQ(square.of(person(50, 40, 140)), (Corners{0, 15, 120, 165}));
}

TEST(PoseWindow, StaysInTheFrame) {
  Finder beside, above, tall;
  EXPECT_EQ(beside.of(person(105, 40, 140)), (Corners{54, 15, 128, 165}));
  EXPECT_EQ(above.of(person(50, 10, 20)), (Corners{48, 0, 72, 50})) << "at least a quarter of the frame";
  EXPECT_EQ(tall.of(person(50, 10, 190)), (Corners{14 - 4, 0, 110, 200}));
}

TEST(PoseWindow, IsThatOfTheFirstFrameWithAPerson) {
  Finder find;
  const Corners middle = {14, 0, 114, 200};
  EXPECT_EQ(find.of(at::zeros({1, 0, 3}, at::kDouble)), middle);
  EXPECT_EQ(find.of(nobody()), middle);
  const Corners found = find.of(person(50, 40, 140));
  EXPECT_EQ(find.of(person(80, 40, 140)), found);
  find.node().reset();
  EXPECT_EQ(find.of(person(80, 40, 140)), (Corners{53, 15, 127, 165}));
}

TEST(PoseWindow, TakesKeypointsInFractionsAsTheDrawingDoes) {
  at::Tensor fractions = person(50, 40, 140);
  fractions.select(2, 0).div_(128);
  fractions.select(2, 1).div_(200);
  Finder guesses, is_told, takes_pixels;
  std::string said;
  guesses.context().log().listen([&](const std::string&, const std::string& line) { said += line; });
  EXPECT_EQ(guesses.of(fractions), (Corners{23, 15, 97, 165}));
  EXPECT_THAT(said, ::testing::HasSubstr("they are taken for fractions of the frame"));
  is_told.set("keypoint_scale", int64_t{3});
  EXPECT_EQ(is_told.of(fractions), (Corners{23, 15, 97, 165}));
  takes_pixels.set("keypoint_scale", int64_t{0});
  EXPECT_NE(takes_pixels.of(fractions), (Corners{23, 15, 97, 165}));
}

TEST(PoseWindow, MovesALittleInTraining) {
  Finder find;
  find.set("jitter", true).context().set_training(true);
  bool differs = false;
  for (uint64_t sequence = 0; sequence < 20; ++sequence) {
    find.context().set_sequence("", sequence);
    find.node().reset();
    const Corners window = find.of(person(50, 40, 140));
    EXPECT_NEAR(window[3] - window[1], 150, 11);
    EXPECT_NEAR((window[0] + window[2]) / 2, 60, 3);
    EXPECT_NEAR((window[1] + window[3]) / 2, 90, 5);
    differs = differs || window != Corners{23, 15, 97, 165};
  }
  EXPECT_TRUE(differs);
}

TEST(PoseWindow, RefusesRowsOfNoPerson) {
  Finder find;
  EXPECT_NE(error_of([&] { find.of(at::zeros({1, 25, 3}, at::kDouble)); }).find("137"), std::string::npos);
}

}  // namespace
}  // namespace weft::pose
