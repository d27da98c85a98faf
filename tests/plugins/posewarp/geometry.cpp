#include "plugins/posewarp/geometry.h"

#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft::posewarp {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::NodeRunner;

/// A standing person, 40 pixels wide and 100 high, whose head is at (x, y): [1, 14, 3].
at::Tensor person(double x, double y, double size = 1) {
  const std::vector<double> places = {0,  0,  0,  15, -12, 20, -18, 40,  -20, 55, 12, 20, 18, 40,
                                      20, 55, -8, 55, -8,  78, -8,  100, 8,   55, 8,  78, 8,  100};
  std::vector<double> numbers;
  for (size_t joint = 0; joint < kJoints; ++joint) {
    numbers.push_back(x + size * places[2 * joint]);
    numbers.push_back(y + size * places[2 * joint + 1]);
    numbers.push_back(1);
  }
  return at::tensor(numbers).to(at::kFloat).view({1, kJoints, 3});
}

at::Tensor without(at::Tensor joints, int64_t joint) {
  joints = joints.clone();
  joints.select(1, joint).select(1, 2).zero_();
  return joints;
}

TEST(PoseWarpHeatmaps, PeakAtHalfOfTheJointsPlace) {
  at::Tensor joints = at::zeros({1, kJoints, 3});
  joints[0][3] = at::tensor({10.0F, 20.0F, 1.0F});
  joints[0][5] = at::tensor({62.0F, 20.0F, 1.0F});  // 31 is the last column
  joints[0][7] = at::tensor({61.0F, -1.0F, 1.0F});
  const at::Tensor maps = heatmaps(joints, 48, 64);
  EXPECT_EQ(maps.sizes(), (std::vector<int64_t>{1, 14, 24, 32}));
  EXPECT_FLOAT_EQ(maps[0][3][10][5].item<float>(), 1);
  EXPECT_NEAR(maps[0][3][10][7].item<double>(), std::exp(-4 / (2 * 1.75 * 1.75)), 1e-6);
  for (const int64_t empty : {0, 5, 7}) EXPECT_EQ(maps[0][empty].abs().max().item<double>(), 0) << empty;
}

TEST(PoseWarpLimbs, AMaskLiesAlongItsLimb) {
  at::Tensor joints = at::zeros({1, kJoints, 3});
  joints[0][2] = at::tensor({20.0F, 30.0F, 1.0F});  // upper right arm, to the right and down: 30 long in each direction
  joints[0][3] = at::tensor({50.0F, 60.0F, 1.0F});
  const at::Tensor masks = limb_masks(joints, 96, 80);
  const at::Tensor arm = masks[0][1];
  EXPECT_NEAR(arm[45][35].item<double>(), 1, 2e-6);  // the middle, divided by the maximum and 1e-6
  // 10 pixels in both directions along the limb; its variance is 1800 / 1.5.
  EXPECT_NEAR(arm[55][45].item<double>(), std::exp(-200 / (2 * 1200.0)), 1e-5);
  EXPECT_NEAR(arm[35][45].item<double>(), std::exp(-200 / (2 * 121.0)), 1e-5);  // across
  EXPECT_EQ(masks[0][0].abs().max().item<double>(), 0);                         // without a head
}

TEST(PoseWarpLimbs, TransformsTakeTargetJointsToTheSources) {
  const at::Tensor source = person(40, 10), target = person(70, 30, 1.5);
  const at::Tensor transforms = limb_transforms(source, target);  // of all limbs: p / 1.5 + …
  for (int64_t limb = 0; limb < kLimbs; ++limb) {
    const std::vector<float> numbers = testing::values(transforms[0][limb]);
    EXPECT_THAT(numbers, ElementsAre(::testing::FloatNear(1 / 1.5, 1e-5), ::testing::FloatNear(0, 1e-5),
                                     ::testing::FloatNear(40 - 70 / 1.5, 1e-3), ::testing::FloatNear(0, 1e-5),
                                     ::testing::FloatNear(1 / 1.5, 1e-5), ::testing::FloatNear(10 - 30 / 1.5, 1e-3)))
        << limb;
  }
}

TEST(PoseWarpLimbs, ALimbThatWasNotFoundStaysAndAPointOnlyMoves) {
  at::Tensor target = person(60, 20);
  target[0][1] = target[0][0];  // head and neck in one place
  const at::Tensor transforms = limb_transforms(without(person(40, 10), 3), target);
  EXPECT_THAT(testing::values(transforms[0][1]), ElementsAre(1, 0, 0, 0, 1, 0));
  EXPECT_THAT(testing::values(transforms[0][2]), ElementsAre(1, 0, 0, 0, 1, 0));
  EXPECT_THAT(testing::values(transforms[0][0]), ElementsAre(1, 0, -20, 0, 1, -2.5));  // to the middle of 0 and 15
}

TEST(PoseWarpLimbs, ThePriorOfABackgroundWithoutLimbsIsZero) {
  const at::Tensor prior = mask_prior(at::zeros({1, kJoints, 3}), 8, 8);
  EXPECT_NEAR(prior[0][0].abs().max().item<double>(), 0, 1e-6);
  EXPECT_NEAR(prior[0][4][3][3].item<double>(), std::log(1e-10), 1e-4);
}

TEST(PoseWarpTransformed, MovesMapsAndReflectsOnePixel) {
  const at::Tensor map = at::arange(12, at::kFloat).view({1, 1, 3, 4});
  const auto moved = [&](double x, double y) {
    return testing::values(transformed(map, at::tensor({1.0, 0.0, x, 0.0, 1.0, y}).to(at::kFloat).view({1, 1, 2, 3})));
  };
  EXPECT_THAT(moved(0, 0), ::testing::Pointwise(::testing::FloatNear(1e-5), testing::values(map)));
  // Half a pixel to the left of the first column is between its reflection, column 1, and column 0.
  const std::vector<float> left = moved(-0.5, 0), far = moved(-9, 0);
  EXPECT_NEAR(left[0], 0.5, 1e-5);
  EXPECT_NEAR(left[1], 0.5, 1e-5);
  EXPECT_NEAR(far[0], 1, 1e-5);  // the border of one pixel goes on
  EXPECT_NEAR(far[3], 1, 1e-5);
}

TEST(PoseWarpDoubled, CopiesEvenPixelsAndHalvesOddOnes) {
  const at::Tensor map = at::tensor({0.0F, 4.0F, 2.0F, 6.0F}).view({1, 1, 2, 2});
  EXPECT_THAT(testing::values(doubled(map)), ElementsAre(0, 2, 4, 2,  // behind 4 stands 0 again
                                                         1, 3, 5, 3, 2, 4, 6, 4, 1, 3, 5, 3));
}

TEST(PoseWarpScale, IsTheLargerOfBodyAndCalves) {
  EXPECT_NEAR(person_scale(person(0, 0)).item<double>(), 2.5 * 55 / 200, 1e-6);  // calves: 5 · 22
  EXPECT_NEAR(person_scale(without(person(0, 0), 0)).item<double>(), 5 * 22.0 / 200, 1e-6);
  EXPECT_NEAR(person_scale(without(without(person(0, 0), 0), 10)).item<double>(), 5 * 22.0 / 200, 1e-6);
  EXPECT_EQ(person_scale(at::zeros({1, kJoints, 3})).item<double>(), 0);
}

// ---- nodes that read joints and images

TEST(PoseWarpJoints, AreThoseOfTheMostCertainPerson) {
  at::Tensor people = at::zeros({1, 2 * 137, 3});
  people[0].narrow(0, 137, 25).copy_(at::arange(75, at::kFloat).view({25, 3}));
  const at::Tensor joints = NodeRunner("posewarp.joints").input("people", people).run().tensor("joints");
  EXPECT_TRUE(at::equal(joints[0][7], people[0][137 + 7]));
  EXPECT_TRUE(at::equal(joints[0][8], people[0][137 + 9]));  // 8 is the middle of the hips
  EXPECT_TRUE(at::equal(joints[0][13], people[0][137 + 14]));
}

TEST(PoseWarpJoints, NobodyHasNoJointAndPartsOfPersonsAreRefused) {
  EXPECT_EQ(NodeRunner("posewarp.joints")
                .input("people", at::zeros({2, 0, 3}))
                .run()
                .tensor("joints")
                .abs()
                .sum()
                .item<double>(),
            0);
  EXPECT_EQ(error_text([] {
              NodeRunner("posewarp.joints").input("people", at::zeros({1, 25, 3})).run();
            }),
            "posewarp.joints wants the keypoints of whole persons, 137 rows each, but there are 25\n  wire "
            "pose.openpose_folder to it");
}

at::Tensor window_of(const at::Tensor& joints, bool is_training, uint64_t seed = 1) {
  NodeRunner node("posewarp.window", NodeRunner::built_plugins(), at::kCPU, seed);
  node.set("size", std::vector<int64_t>{64, 48}).set("augment", true).input("joints", joints);
  node.context().set_training(is_training);
  return node.run().tensor("window").clone();
}

TEST(PoseWarpWindow, BringsThePersonToItsSizeAndIntoTheMiddle) {
  const at::Tensor joints = person(100, 200), window = window_of(joints, false);
  const double factor = 1.14 / (2.5 * 55 / 200);
  const at::Tensor seen =
      NodeRunner("posewarp.view_joints").input("joints", joints).input("window", window).run().tensor("joints");
  EXPECT_NEAR(seen[0][0][0].item<double>(), 23.5, 1e-3);                // x of the head, which is the middle
  EXPECT_NEAR(seen[0][0][1].item<double>(), 31.5 - 50 * factor, 1e-3);  // the box is 100 high
  EXPECT_NEAR(person_scale(seen).item<double>(), 1.14, 1e-5);
}

TEST(PoseWarpWindow, ChangesInTrainingFromTheSeed) {
  const at::Tensor joints = person(100, 200);
  EXPECT_TRUE(at::equal(window_of(joints, true), window_of(joints, true)));
  EXPECT_FALSE(at::equal(window_of(joints, true), window_of(joints, true, 2)));
  bool was_flipped = false, was_not = false;
  for (uint64_t seed = 1; seed <= 16; ++seed) {
    const std::vector<float> n = testing::values(window_of(joints, true, seed)[0]);
    (n[7] == 1 ? was_flipped : was_not) = true;
    const double factor = std::sqrt(std::abs(n[0] * n[4] - n[1] * n[3])) / (1.14 / (2.5 * 55 / 200));
    EXPECT_GE(factor, 0.9 - 1e-6);
    EXPECT_LE(factor, 1.05 + 1e-6);
    EXPECT_NEAR(n[6], 1, 0.05);
    EXPECT_EQ(n[0] * n[4] - n[1] * n[3] < 0, n[7] == 1) << "only a flip mirrors";
  }
  EXPECT_TRUE(was_flipped && was_not);
}

TEST(PoseWarpWindow, NobodyIsRefused) {
  EXPECT_EQ(
      error_text([] {
        window_of(at::zeros({1, kJoints, 3}), false);
      }),
      "posewarp.window: nobody's size can be seen: it takes the head and both hips, or a knee and its ankle\n  begin "
      "where the person is found, or give the joints of a photograph that shows them");
}

TEST(PoseWarpView, ShowsImageAndJointsAlike) {
  at::Tensor image = at::zeros({1, 3, 20, 30});
  image.select(2, 8).select(2, 12).fill_(1);  // a bright pixel, and a joint on it
  at::Tensor joints = at::zeros({1, kJoints, 3});
  joints[0][4] = at::tensor({12.0F, 8.0F, 1.0F});
  // Mirrored, moved by (2, 1), and half as bright.
  const at::Tensor window = at::tensor({-1.0, 0.0, 29.0 + 2, 0.0, 1.0, 1.0, 0.5, 1.0}).to(at::kFloat).view({1, 8});
  NodeRunner view("posewarp.view");
  view.set("size", std::vector<int64_t>{20, 30}).input("image", image).input("window", window);
  const at::Tensor seen = view.run().tensor("image");
  EXPECT_NEAR(seen[0][1][9][19].item<double>(), 0.5, 1e-5);
  EXPECT_NEAR(seen.sum().item<double>(), 1.5, 1e-4);
  const at::Tensor moved =
      NodeRunner("posewarp.view_joints").input("joints", joints).input("window", window).run().tensor("joints");
  EXPECT_THAT(testing::values(moved[0][7]), ElementsAre(19, 9, 1));  // the right wrist is now the left one
}

}  // namespace
}  // namespace weft::posewarp
