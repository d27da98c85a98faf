#include "framework/testing/node_runner.h"
#include "plugins/pose/fitted_pose.h"
#include "tests/plugins/pose/people.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>

#include <cmath>
#include <string>
#include <tuple>
#include <vector>

namespace weft::pose {
namespace {

using testing::error_of;
using testing::NodeRunner;

/// Lengths in pixels, seen from the front.
struct Build {
  double leg = 40, thigh = 0.5, trunk = 30, neck = 12, arm = 24, shoulders = 10, hips = 6;
};

/// A person with a raised arm: `angle` from hanging down.
Person figure(const Build& build, double x, double floor, double angle = 0, double scale = 1) {
  Person person{};
  const auto set = [&](size_t joint, double dx, double up) {
    person.body[joint] = {x + dx * scale, floor - up * scale, 1};
  };
  const double shoulder = build.leg + build.trunk, reach = build.arm / 2;
  set(8, 0, build.leg);
  set(1, 0, shoulder);
  set(0, 0, shoulder + build.neck);
  for (const auto& [side, first_of_leg, first_of_arm] : {std::tuple{-1, 9, 2}, std::tuple{1, 12, 5}}) {
    const auto leg = static_cast<size_t>(first_of_leg), arm = static_cast<size_t>(first_of_arm);
    set(leg, side * build.hips, build.leg);
    set(leg + 1, side * build.hips, build.leg * (1 - build.thigh));
    set(leg + 2, side * build.hips, 0);
    set(arm, side * build.shoulders, shoulder);
    set(arm + 1, side * (build.shoulders + reach * std::sin(angle)), shoulder - reach * std::cos(angle));
    set(arm + 2, side * (build.shoulders + 2 * reach * std::sin(angle)), shoulder - 2 * reach * std::cos(angle));
  }
  return person;
}

Proportions proportions_of_figure(const Build& build, double x, double floor) {
  return proportions_of({{figure(build, x, floor)}, {figure(build, x, floor, 1.5)}});
}

void expect_equal(const Person& person, const Person& wanted, double tolerance = 1e-9) {
  for (size_t joint = 0; joint < wanted.body.size(); ++joint) {
    EXPECT_NEAR(person.body[joint].x, wanted.body[joint].x, tolerance) << "x of joint " << joint;
    EXPECT_NEAR(person.body[joint].y, wanted.body[joint].y, tolerance) << "y of joint " << joint;
    EXPECT_EQ(person.body[joint].confidence, wanted.body[joint].confidence) << "joint " << joint;
  }
}

const Build kTall{.leg = 60, .thigh = 0.55, .trunk = 32, .neck = 10, .arm = 40, .shoulders = 14, .hips = 9};

TEST(PoseNormalise, GivesEachBoneTheLengthOfTheOther) {
  const Proportions of = proportions_of_figure({}, 100, 200), wanted = proportions_of_figure(kTall, 40, 150);
  expect_equal(with_proportions(figure({}, 100, 200, 0.7), of, wanted), figure(kTall, 40, 150, 0.7));
}

TEST(PoseNormalise, OwnProportionsChangeNothing) {
  const Proportions own = proportions_of_figure({}, 100, 200);
  Person person = figure({}, 120, 190, 0.3);
  person.face[3] = {121, 110, 0.5};
  person.left_hand[2] = {140, 150, 0.7};
  const Person moved = with_proportions(person, own, own);
  expect_equal(moved, person);
  EXPECT_NEAR(moved.face[3].x, 121, 1e-9);
  EXPECT_NEAR(moved.left_hand[2].y, 150, 1e-9);
  EXPECT_EQ(moved.left_hand[2].confidence, 0.7);
  EXPECT_EQ(moved.right_hand[2].confidence, 0);
}

TEST(PoseNormalise, StepsAndJumpsGrowWithThePerson) {
  const Proportions of = proportions_of_figure({}, 100, 200), wanted = proportions_of_figure(kTall, 40, 150);
  const double scale = (60.0 + 32) / (40 + 30);
  expect_equal(with_proportions(figure({}, 110, 195), of, wanted), figure(kTall, 40 + 10 * scale, 150 - 5 * scale));
}

TEST(PoseNormalise, WhoWalksToAndFroIsScaledByThePlace) {
  // The first camera sees the far end at half the size, the second one sees no depth at all.
  std::vector<std::vector<Person>> frames;
  for (int i = 0; i <= 40; ++i) frames.push_back({figure({}, 100, 150 + 50 * i / 40.0, 0, 0.5 + i / 80.0)});
  const Proportions of = proportions_of(frames), wanted = proportions_of_figure(kTall, 40, 150);
  EXPECT_LT(of.far.height, 0.7 * of.near.height);
  for (const double near : {0.1, 0.5, 0.9}) {
    const Person moved = with_proportions(figure({}, 100, 150 + 50 * near, 0, 0.5 + near / 2), of, wanted);
    expect_equal(moved, figure(kTall, 40, 150), 1e-6);
  }
}

TEST(PoseNormalise, WhatWasNotFoundIsLeftOut) {
  const Proportions of = proportions_of_figure({}, 100, 200), wanted = proportions_of_figure(kTall, 40, 150);
  Person person = figure({}, 100, 200);
  person.body[3] = {};  // an elbow
  const Person moved = with_proportions(person, of, wanted), whole = with_proportions(figure({}, 100, 200), of, wanted);
  EXPECT_EQ(moved.body[3].confidence, 0);
  EXPECT_EQ(moved.body[3].x, 0);
  const double scale = (60.0 + 32) / (40 + 30);
  EXPECT_NEAR(moved.body[4].y - whole.body[2].y, 24 * scale, 1e-9) << "the hand hangs on the shoulder";
  person = figure({}, 100, 200);
  person.body[8] = {};
  EXPECT_NEAR(with_proportions(person, of, wanted).body[11].y, 150, 1e-9) << "without hips";
}

TEST(PoseNormalise, HipsStandForFeetThatAreNeverSeen) {
  const auto seated = [](const Build& build, double x, double floor, double angle) {
    Person person = figure(build, x, floor, angle);
    for (const size_t joint : {10, 11, 13, 14}) person.body[joint] = {};
    return person;
  };
  const Proportions of = proportions_of({{seated({}, 100, 200, 0)}, {seated({}, 100, 200, 1.5)}});
  const Proportions wanted = proportions_of({{seated(kTall, 40, 150, 0)}, {seated(kTall, 40, 150, 1.5)}});
  EXPECT_FALSE(of.has_feet);
  expect_equal(with_proportions(seated({}, 100, 200, 0.7), of, wanted), seated(kTall, 40, 150, 0.7));
}

TEST(PoseNormalise, TheNodeTakesTheTallest) {
  const Proportions of = proportions_of_figure({}, 100, 200), wanted = proportions_of_figure(kTall, 40, 150);
  const Person child = figure({.leg = 20, .trunk = 15}, 20, 200), adult = figure({}, 100, 200, 0.4);
  NodeRunner node("pose.normalise");
  node.input("proportions", keypoints_of(of)).input("reference", keypoints_of(wanted));
  const at::Tensor moved = node.input("keypoints", keypoints_of({child, adult})).run().tensor("keypoints");
  ASSERT_EQ(moved.sizes(), (at::IntArrayRef{1, kPerson, 3}));
  expect_equal(people_of(moved[0]).front(), figure(kTall, 40, 150, 0.4));
  const at::Tensor none = node.input("keypoints", keypoints_of(std::vector<Person>())).run().tensor("keypoints");
  EXPECT_EQ(none.sizes(), (at::IntArrayRef{1, kPerson, 3}));
  EXPECT_EQ(none.abs().max().item<double>(), 0) << "nobody";
}

TEST(PoseNormalise, ProportionsThatDoNotGoTogetherAreAnError) {
  const Person whole = figure({}, 100, 200);
  Person bust = whole;
  for (const size_t joint : {10, 11, 13, 14}) bust.body[joint] = {};
  const auto fault = [&](const Proportions& of, const Proportions& wanted) {
    NodeRunner node("pose.normalise");
    node.input("keypoints", keypoints_of({whole}));
    return error_of(
        [&] { node.input("proportions", keypoints_of(of)).input("reference", keypoints_of(wanted)).run(); });
  };
  EXPECT_EQ(
      fault(proportions_of({{whole}}), proportions_of({{bust}})),
      "the reference is seen to the hips only, and the other one to the feet\n  take videos that show both people "
      "down to their feet, or neither");
  EXPECT_EQ(fault(proportions_of({}), proportions_of({{whole}})),
            "`proportions` are of nobody\n  pose.proportions measures them");
  NodeRunner node("pose.normalise");
  const at::Tensor pose = keypoints_of({whole}), rows = keypoints_of(proportions_of({{whole}}));
  EXPECT_THAT(
      error_of([&] { node.input("keypoints", pose).input("proportions", pose).input("reference", rows).run(); }),
      ::testing::HasSubstr("28"));
}

/// The keypoints of a procedural dancer, frame by frame. Another identity does exactly the same with another body.
std::vector<Person> dance_of(int64_t identity, int64_t motion) {
  NodeRunner dancer("world.dancer");
  dancer.set("identity", identity)
      .set("motion", motion)
      .set("frames", int64_t{60})
      .set("size", std::vector<int64_t>{128, 128});
  std::vector<Person> frames;
  while (dancer.run().has_values()) frames.push_back(people_of(dancer.tensor("keypoints")[0]).front());
  return frames;
}

/// Mean distance of the joints that both have.
double error_between(const std::vector<Person>& a, const std::vector<Person>& b) {
  double sum = 0, count = 0;
  for (size_t t = 0; t < a.size(); ++t) {
    for (size_t joint = 0; joint < a[t].body.size(); ++joint) {
      const Keypoint &one = a[t].body[joint], &other = b[t].body[joint];
      if (one.confidence == 0 || other.confidence == 0) continue;
      sum += std::hypot(one.x - other.x, one.y - other.y);
      ++count;
    }
  }
  return sum / count;
}

/// The proportions of a person in these frames.
Proportions proportions_of_frames(const std::vector<Person>& people) {
  std::vector<std::vector<Person>> frames;
  for (const Person& person : people) frames.push_back({person});
  return proportions_of(frames);
}

TEST(PoseNormalise, ADancersMotionFitsAnotherBody) {
  for (const int64_t identity : {2, 4}) {
    const std::vector<Person> driver = dance_of(identity, 7), truth = dance_of(1, 7);
    const Proportions of = proportions_of_frames(driver), wanted = proportions_of_frames(truth);
    std::vector<Person> moved;
    for (const Person& person : driver) moved.push_back(with_proportions(person, of, wanted));
    EXPECT_LT(error_between(moved, truth), 0.6) << "pixels";
    EXPECT_LT(error_between(moved, truth), 0.15 * error_between(driver, truth)) << "than as they are";
  }
}

/// Of landmarks, from the first to the last in height.
double height_of_face(const Person& person) {
  double top = 1e9, bottom = 0;
  for (const Keypoint& point : person.face) {
    if (point.confidence == 0) continue;
    top = std::min(top, point.y);
    bottom = std::max(bottom, point.y);
  }
  return bottom - top;
}

/// In motion 9 the driver's ears are seen from the front only, in motion 1000 also from the side.
TEST(PoseNormalise, AFaceKeepsItsSizeWhereEarsAreForeshortened) {
  const std::vector<Person> driver = dance_of(5, 9), truth = dance_of(1, 9);
  const Proportions of = proportions_of_frames(driver), wanted = proportions_of_frames(dance_of(1, 1000));
  for (size_t t = 0; t < driver.size(); ++t) {
    const double face = height_of_face(with_proportions(driver[t], of, wanted));
    EXPECT_NEAR(face / height_of_face(truth[t]), 1, 0.2) << "frame " << t;
  }
}

TEST(PoseNormalise, JumpsAreNotTakenForWaysIntoTheDepth) {
  std::vector<Person> jumping;
  for (int i = 0; i < 100; ++i) jumping.push_back(figure({}, 100, 200 - 30 * std::max(0.0, std::sin(i * 0.3)), 0.3));
  const Proportions of = proportions_of_frames(jumping), wanted = proportions_of_figure({}, 100, 200);
  EXPECT_EQ(of.near.floor, of.far.floor);
  EXPECT_NEAR(with_proportions(jumping[5], of, wanted).body[11].y - with_proportions(jumping[0], of, wanted).body[11].y,
              jumping[5].body[11].y - jumping[0].body[11].y, 1e-9);
}

TEST(PoseNormalise, WhoLiesOrStandsOnTheHandsNowAndThenIsMeasuredUpright) {
  const auto turned = [](Person person, bool is_lying) {
    const double x = 100, y = is_lying ? 195 : 160;
    for (Keypoint& point : person.body) {
      if (point.confidence == 0) continue;
      point =
          is_lying ? Keypoint{x + 200 - point.y, y + (point.x - x) * 0.3, 1} : Keypoint{point.x, 2 * y - point.y, 1};
    }
    return person;
  };
  const Proportions standing = proportions_of_figure({}, 100, 200);
  for (const bool is_lying : {true, false}) {
    std::vector<Person> people;
    for (int i = 0; i < 60; ++i)
      people.push_back(i % 3 == 0 ? turned(figure({}, 100, 200), is_lying) : figure({}, 100, 200));
    const Proportions of = proportions_of_frames(people);
    EXPECT_EQ(of.near.floor, standing.near.floor);
    EXPECT_NEAR(of.near.height, standing.near.height, 1e-9);
    EXPECT_EQ(of.far.height, of.near.height);
    for (size_t joint = 0; joint < of.bones.size(); ++joint)
      EXPECT_NEAR(of.bones[joint], standing.bones[joint], 1e-9 + 0.2 * standing.bones[joint]) << joint;
  }
}

TEST(PoseNormalise, AFrameWithoutFeetDoesNotLeap) {
  std::vector<Person> walking;
  for (int i = 0; i <= 40; ++i) walking.push_back(figure({}, 100, 150 + 50 * i / 40.0, 0, 0.5 + i / 80.0));
  for (const bool has_depth : {true, false}) {
    const Proportions of = has_depth ? proportions_of_frames(walking) : proportions_of_figure({}, 100, 200);
    const Proportions wanted = proportions_of_figure({.leg = 60, .trunk = 32, .arm = 40}, 40, 150);
    const Person whole = has_depth ? walking[10] : figure({}, 100, 198);
    Person cut = whole;
    cut.body[11] = cut.body[14] = {};
    const Person moved = with_proportions(whole, of, wanted), moved_cut = with_proportions(cut, of, wanted);
    for (const size_t joint : {0, 1, 4, 8}) EXPECT_NEAR(moved_cut.body[joint].y, moved.body[joint].y, 0.5) << joint;
    Person no_middle = whole;
    no_middle.body[8] = {};
    const Person moved_no_middle = with_proportions(no_middle, of, wanted);
    EXPECT_NEAR(moved_no_middle.body[0].y, moved.body[0].y, 1e-6);
    EXPECT_EQ(moved_no_middle.body[8].confidence, 0);
  }
}

class PoseProportions : public testing::TextFiles {
 protected:
  static std::string file_of(const Person& person) {
    std::string numbers;
    for (const Keypoint& point : person.body) {
      for (const double number : {point.x, point.y, point.confidence})
        numbers += (numbers.empty() ? "" : ", ") + std::to_string(number);
    }
    return R"({"people": [{"pose_keypoints_2d": [)" + numbers + "]}]}";
  }
};

TEST_F(PoseProportions, AreMeasuredOnAllFrames) {
  write("1.json", file_of(figure(kTall, 40, 150)));
  write("2.json", R"({"people": []})");
  write("3.json", file_of(figure(kTall, 40, 150, 1.5)));
  const at::Tensor rows = NodeRunner("pose.proportions").set("path", path()).run().tensor("proportions");
  const Proportions read = proportions_from(rows[0]), wanted = proportions_of_figure(kTall, 40, 150);
  EXPECT_TRUE(read.is_known && read.has_feet);
  EXPECT_NEAR(read.near.height, 92, 1e-4);
  EXPECT_NEAR(read.far.floor, 150, 1e-4);
  EXPECT_NEAR(read.middle, 40, 1e-4);
  for (size_t joint = 0; joint < wanted.bones.size(); ++joint)
    EXPECT_NEAR(read.bones[joint], wanted.bones[joint], 1e-6) << joint;
}

TEST_F(PoseProportions, MayBeThoseOfAllSequencesTogether) {
  std::filesystem::create_directories(path("a"));
  std::filesystem::create_directories(path("b"));
  write("a/1.json", file_of(figure(kTall, 40, 150)));
  write("b/1.json", file_of(figure(kTall, 60, 150, 1.5)));
  NodeRunner node("pose.proportions");
  const Proportions all =
      proportions_from(node.set("path", path()).set("together", true).run().tensor("proportions")[0]);
  EXPECT_NEAR(all.middle, 50, 1e-4);
  EXPECT_FALSE(node.run().has_values());
}

TEST_F(PoseProportions, OfFractionsAreAnError) {
  write("1.json",
        file_of(figure({.leg = 0.4, .trunk = 0.3, .neck = 0.1, .arm = 0.2, .shoulders = 0.1, .hips = 0.1}, 0.5, 0.9)));
  EXPECT_THAT(error_of([&] { NodeRunner("pose.proportions").set("path", path()).run(); }),
              ::testing::HasSubstr("are fractions of the frame, not pixels"));
}

TEST_F(PoseProportions, OfNobodyAreAnError) {
  write("1.json", R"({"people": []})");
  EXPECT_THAT(error_of([&] { NodeRunner("pose.proportions").set("path", path()).run(); }),
              ::testing::HasSubstr("nobody is in the 1 frame of sequence \""));
}

}  // namespace
}  // namespace weft::pose
