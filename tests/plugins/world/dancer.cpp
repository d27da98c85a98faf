#include "framework/testing/error_text.h"
#include "framework/testing/values.h"
#include "tests/plugins/world/films.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;
using testing::values;

TEST(WorldDancer, GivesMapsOfOneSize) {
  const FilmFrame frame = frames_of({.size = {96, 80}}, 1).front();
  EXPECT_EQ(frame.image.sizes(), (std::vector<int64_t>{1, 3, 96, 80}));
  EXPECT_EQ(frame.parts.sizes(), (std::vector<int64_t>{1, 3, 96, 80}));
  EXPECT_EQ(frame.flow.sizes(), (std::vector<int64_t>{1, 2, 96, 80}));
  EXPECT_EQ(frame.keypoints.sizes(), (std::vector<int64_t>{1, 137, 3}));
  EXPECT_THAT(values(frame.image), ::testing::Each(::testing::AllOf(::testing::Ge(-1), ::testing::Le(1))));
  EXPECT_THAT(values(frame.parts), ::testing::Each(::testing::AllOf(::testing::Ge(-1), ::testing::Le(1))));
  EXPECT_THAT(values(frame.mask), ::testing::Each(::testing::AnyOf(0, 1)));
  EXPECT_THAT(values(frame.occlusion), ::testing::Each(::testing::AnyOf(0, 1)));
}

// ---- every frame is a function of seed, identity, motion and t

TEST(WorldDancer, AFrameAloneEqualsTheFrameInASequence) {
  const std::vector<FilmFrame> sequence = frames_of({.start = 30}, 8);
  EXPECT_TRUE(is_equal(frames_of({.start = 37}, 1).front(), sequence.back()));
}

TEST(WorldDancer, AFrameAfterSkippedOnesEqualsTheFrameInASequence) {
  Film film({.start = 30});
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(film.source().skip(film.context()));
  EXPECT_TRUE(is_equal(next_frame(film), frames_of({.start = 35}, 1).front()));
}

TEST(WorldDancer, SeedIdentityAndMotionEachMakeAnotherFrame) {
  const at::Tensor image = frames_of({}, 1).front().image;
  const FilmSetting camera = {.seed = 2}, person = {.identity = 2}, dance = {.motion = 2};
  for (const FilmSetting& other : {camera, person, dance})
    EXPECT_GT((frames_of(other, 1).front().image - image).abs().mean().item<float>() * 127.5, 1);
}

TEST(WorldDancer, SeedChoosesIdentityAndMotionWhereTheyAreNotGiven) {
  NodeRunner alone("world.dancer");
  alone.set("seed", int64_t{7}).set("size", std::vector<int64_t>{64, 64}).run();
  const FilmFrame given = frames_of({.seed = 7, .identity = 7, .motion = 7, .size = {64, 64}}, 1).front();
  EXPECT_TRUE(alone.tensor("image").equal(given.image));
}

TEST(WorldDancer, TwelveIdentitiesLookDifferent) {
  std::vector<at::Tensor> images;
  for (int64_t identity = 0; identity < 12; ++identity)
    images.push_back(frames_of({.identity = identity, .size = {64, 64}}, 1).front().image);
  for (size_t i = 0; i < images.size(); ++i) {
    for (size_t j = 0; j < i; ++j)
      EXPECT_GT((images[i] - images[j]).abs().mean().item<float>() * 127.5, 8) << i << " and " << j;
  }
}

/// The joints of body and limbs about the middle of the hips, by the length of the trunk.
std::vector<double> normalised(const FilmFrame& frame) {
  const Point3 neck = keypoint(frame, 1), hips = keypoint(frame, 8);
  const double trunk = std::hypot(neck.x - hips.x, neck.y - hips.y);
  std::vector<double> numbers;
  for (const int64_t i : {2, 3, 4, 5, 6, 7, 10, 11, 13, 14}) {
    const Point3 joint = keypoint(frame, i);
    numbers.push_back((joint.x - hips.x) / trunk), numbers.push_back((joint.y - hips.y) / trunk);
  }
  return numbers;
}

double mean_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

TEST(WorldDancer, OneMotionIsGivenToAnotherPerson) {
  // People differ in their proportions by a few percent; dances differ by whole limbs.
  double same = 0, other = 0;
  for (int64_t start = 0; start < 200; start += 20) {
    const std::vector<double> pose = normalised(frames_of({.identity = 3, .motion = 5, .start = start}, 1).front());
    same += mean_distance(pose, normalised(frames_of({.identity = 8, .motion = 5, .start = start}, 1).front())) / 10;
    other += mean_distance(pose, normalised(frames_of({.identity = 3, .motion = 6, .start = start}, 1).front())) / 10;
  }
  EXPECT_LT(same, 0.12);
  EXPECT_GT(other, 2 * same);
}

// ---- flow and occlusion

TEST(WorldDancer, TheFrameBeforeWarpedAlongTheFlowIsTheFrame) {
  for (int64_t identity = 0; identity < 4; ++identity) {
    const FilmSetting setting = {.identity = identity, .motion = identity, .size = {256, 256}, .start = 20 * identity};
    const std::vector<FilmFrame> frames = frames_of(setting, 4);
    for (size_t t = 1; t < frames.size(); ++t) {
      const at::Tensor visible = (1 - frames[t].occlusion) * frames[t].mask;
      const double error = warp_error(frames[t - 1], frames[t], visible);
      // Bilinear sampling blurs, at borders most, and light changes as a limb turns.
      EXPECT_LT(error, 5) << identity;
      EXPECT_LT(error, 0.6 * still_error(frames[t - 1], frames[t], visible)) << identity;
    }
  }
}

TEST(WorldDancer, TheStudioStandsStill) {
  const std::vector<FilmFrame> frames = frames_of({}, 3);
  for (size_t t = 1; t < frames.size(); ++t) {
    const at::Tensor behind = 1 - frames[t].mask;
    EXPECT_EQ((frames[t].flow.abs() * behind).max().item<float>(), 0);
    // What is behind is new exactly where the person was.
    EXPECT_TRUE((frames[t].occlusion * behind).equal(frames[t - 1].mask * behind));
  }
}

TEST(WorldDancer, MostOfThePersonIsSeenInTheFrameBefore) {
  double hidden = 0;
  for (int64_t start = 0; start < 200; start += 20) {
    const FilmFrame frame = frames_of({.start = start}, 1).front();
    hidden += ((frame.occlusion * frame.mask).sum() / frame.mask.sum()).item<double>() / 10;
  }
  EXPECT_GT(hidden, 0.005);
  EXPECT_LT(hidden, 0.15);
}

// ---- joints and parts

/// The number of DensePose's part at a place, 0 in the background.
int64_t part_at(const FilmFrame& frame, double x, double y) {
  return std::lround((at_place(frame.parts, 2, x, y) + 1) * 12);
}

TEST(WorldDancer, PartsAreWholeNumbersWhereThePersonIs) {
  const FilmFrame frame = frames_of({}, 1).front();
  const at::Tensor numbers = (frame.parts.select(1, 2) + 1) * 12;
  std::set<int64_t> parts;
  for (const float number : values(numbers)) {
    ASSERT_NEAR(number, std::round(number), 1e-4);
    parts.insert(std::lround(number));
  }
  EXPECT_THAT(parts, ::testing::Each(::testing::AllOf(::testing::Ge(0), ::testing::Le(24))));
  EXPECT_GE(parts.size(), 12);
  EXPECT_TRUE(numbers.gt(0.5).equal(frame.mask.select(1, 0).gt(0.5)));
}

TEST(WorldDancer, JointsLieOnTheDrawnLimbs) {
  // The parts that a joint in view may lie on: hair and sleeves are no parts of their own.
  const std::vector<std::pair<int64_t, std::set<int64_t>>> expected = {{0, {23, 24}},
                                                                       {2, {1, 2, 16, 18}},
                                                                       {3, {16, 18, 20, 22}},
                                                                       {4, {3, 20, 22}},
                                                                       {5, {1, 2, 15, 17}},
                                                                       {6, {15, 17, 19, 21}},
                                                                       {7, {4, 19, 21}},
                                                                       {8, {1, 2, 7, 8, 9, 10}},
                                                                       {10, {7, 9, 11, 13, 8, 10}},
                                                                       {11, {6, 11, 13}},
                                                                       {13, {8, 10, 12, 14, 7, 9}},
                                                                       {14, {5, 12, 14}},
                                                                       {15, {23, 24}},
                                                                       {16, {23, 24}},
                                                                       {21, {5}},
                                                                       {24, {6}}};
  int64_t right = 0, all = 0;
  for (int64_t start = 0; start < 240; start += 12) {
    const FilmFrame frame =
        frames_of({.identity = start / 12, .motion = 2, .size = {256, 256}, .start = start}, 1).front();
    for (const auto& [index, parts] : expected) {
      const Point3 joint = keypoint(frame, index);
      if (joint.confidence < 1) continue;
      ++all;
      right += parts.contains(part_at(frame, joint.x, joint.y)) ? 1 : 0;
    }
  }
  EXPECT_GT(all, 200);
  // A joint inside of a limb may be seen through the border of its neighbour.
  EXPECT_GT(static_cast<double>(right), 0.95 * static_cast<double>(all));
}

TEST(WorldDancer, HandsLieOnTheDrawnHands) {
  int64_t right = 0, all = 0;
  for (int64_t start = 0; start < 120; start += 10) {
    const FilmFrame frame = frames_of({.size = {384, 384}, .start = start}, 1).front();
    for (int64_t i = 95; i < 137; ++i) {
      const Point3 point = keypoint(frame, i);
      if (point.confidence < 1 || i == 95 || i == 116) continue;
      ++all;
      right += part_at(frame, point.x, point.y) == (i < 116 ? 4 : 3) ? 1 : 0;
    }
  }
  EXPECT_GT(all, 100);
  // Fingertips are thinner than a pixel is wide.
  EXPECT_GT(static_cast<double>(right), 0.75 * static_cast<double>(all));
}

TEST(WorldDancer, PointsThatAreNotInThePictureAreNotFound) {
  bool met = false;
  for (int64_t start = 0; start < 100; start += 5) {
    const FilmFrame frame = frames_of({.size = {64, 64}, .start = start}, 1).front();
    for (int64_t i = 0; i < 137; ++i) {
      const Point3 point = keypoint(frame, i);
      if (point.confidence > 0) {
        EXPECT_TRUE(point.x >= -0.5 && point.y >= -0.5 && point.x < 63.5 && point.y < 63.5) << i;
      } else {
        EXPECT_EQ(point.x, 0);
        met = true;
      }
    }
  }
  EXPECT_TRUE(met);
}

// ---- motion

TEST(WorldDancer, OneFootStandsWhileTheOtherSteps) {
  const std::vector<FilmFrame> frames = frames_of({.motion = 4, .size = {256, 256}}, 100);
  double farthest = 0;
  for (size_t t = 1; t < frames.size(); ++t) {
    double least = 1e9;
    for (const int64_t toe : {19, 22}) {
      const Point3 now = keypoint(frames[t], toe), before = keypoint(frames[t - 1], toe);
      if (now.confidence == 0 || before.confidence == 0) continue;
      farthest = std::max(farthest, std::hypot(now.x - before.x, now.y - before.y));
      least = std::min(least, std::hypot(now.x - before.x, now.y - before.y));
    }
    // The toe is a little before the ball, about which a standing foot turns when its heel rises.
    EXPECT_LT(least, 0.7) << t;
  }
  EXPECT_GT(farthest, 2);
}

TEST(WorldDancer, NobodyMovesFasterThanPeopleDo) {
  for (int64_t motion = 0; motion < 3; ++motion) {
    const std::vector<FilmFrame> frames = frames_of({.motion = motion, .size = {64, 64}}, 150);
    for (size_t t = 1; t < frames.size(); ++t) {
      for (int64_t i = 0; i < 15; ++i) {
        const Point3 now = keypoint(frames[t], i), before = keypoint(frames[t - 1], i);
        if (now.confidence == 0 || before.confidence == 0) continue;
        // A metre is 28 pixels: 4 pixels a frame are 3.6 m/s, a fast hand.
        EXPECT_LT(std::hypot(now.x - before.x, now.y - before.y), 4) << motion << ' ' << t << ' ' << i;
      }
    }
  }
}

// ---- sequences and refusals

TEST(WorldDancer, SequencesHaveTheNextSeedsAndIdentitiesComeAgain) {
  NodeRunner film("world.dancer");
  film.set("seed", int64_t{5}).set("identity", int64_t{3}).set("identities", int64_t{1});
  film.set("frames", int64_t{1}).set("sequences", int64_t{2}).set("size", std::vector<int64_t>{32, 32});
  film.run();
  EXPECT_FALSE(film.run().has_values());
  EXPECT_EQ(film.source().next_sequence(film.context()), "dancer-6");
  film.run();
  const FilmFrame alone = frames_of({.seed = 6, .identity = 3, .motion = 6, .size = {32, 32}}, 1).front();
  EXPECT_TRUE(film.tensor("image").equal(alone.image));
  EXPECT_EQ(film.source().next_sequence(film.context()), std::nullopt);
}

TEST(WorldDancer, RefusesANegativeIdentity) {
  EXPECT_EQ(error_text([] { NodeRunner("world.dancer").set("identity", int64_t{-1}); }),
            "`identity` must be at least 0, at most 1e15, not -1");
}

TEST(WorldDancer, RefusesASizeBelowSixteenPixels) {
  EXPECT_EQ(error_text([] {
              NodeRunner("world.dancer").set("size", std::vector<int64_t>{8, 128});
            }),
            "`size` must be 2 items, at least 16, at most 8192, not 8");
}

}  // namespace
}  // namespace weft
