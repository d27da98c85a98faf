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

FilmSetting face(FilmSetting setting = {}) {
  setting.node = "world.face";
  return setting;
}

TEST(WorldFace, GivesMapsOfOneSize) {
  const FilmFrame frame = frames_of(face({.size = {96, 80}}), 1).front();
  EXPECT_EQ(frame.image.sizes(), (std::vector<int64_t>{1, 3, 96, 80}));
  EXPECT_EQ(frame.labels.sizes(), (std::vector<int64_t>{1, 1, 96, 80}));
  EXPECT_EQ(frame.keypoints.sizes(), (std::vector<int64_t>{1, 68, 3}));
  EXPECT_EQ(frame.labels.scalar_type(), at::kLong);
  EXPECT_THAT(values(frame.image), ::testing::Each(::testing::AllOf(::testing::Ge(-1), ::testing::Le(1))));
  EXPECT_TRUE((frame.labels > 0).equal(frame.mask > 0));
}

TEST(WorldFace, AFrameAloneEqualsTheFrameInASequence) {
  const std::vector<FilmFrame> sequence = frames_of(face({.start = 30}), 8);
  EXPECT_TRUE(is_equal(frames_of(face({.start = 37}), 1).front(), sequence.back()));
}

TEST(WorldFace, TwelveIdentitiesLookDifferent) {
  std::vector<at::Tensor> images;
  for (int64_t identity = 0; identity < 12; ++identity)
    images.push_back(frames_of(face({.identity = identity, .size = {64, 64}}), 1).front().image);
  for (size_t i = 0; i < images.size(); ++i) {
    for (size_t j = 0; j < i; ++j)
      EXPECT_GT((images[i] - images[j]).abs().mean().item<float>() * 127.5, 8) << i << " and " << j;
  }
}

/// Landmarks about the tip of the nose, by the distance between the outer corners of the eyes.
std::vector<double> normalised(const FilmFrame& frame) {
  const Point3 right = keypoint(frame, 36), left = keypoint(frame, 45), nose = keypoint(frame, 30);
  const double width = std::hypot(right.x - left.x, right.y - left.y);
  std::vector<double> numbers;
  for (int64_t i = 0; i < 68; ++i) {
    numbers.push_back((keypoint(frame, i).x - nose.x) / width);
    numbers.push_back((keypoint(frame, i).y - nose.y) / width);
  }
  return numbers;
}

double mean_distance(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += std::abs(a[i] - b[i]);
  return sum / static_cast<double>(a.size());
}

TEST(WorldFace, OneMotionIsGivenToAnotherPerson) {
  double same = 0, other = 0;
  for (int64_t start = 0; start < 200; start += 20) {
    const std::vector<double> pose =
        normalised(frames_of(face({.identity = 3, .motion = 5, .start = start}), 1).front());
    same +=
        mean_distance(pose, normalised(frames_of(face({.identity = 8, .motion = 5, .start = start}), 1).front())) / 10;
    other +=
        mean_distance(pose, normalised(frames_of(face({.identity = 3, .motion = 6, .start = start}), 1).front())) / 10;
  }
  EXPECT_LT(same, 0.08);
  EXPECT_GT(other, 1.5 * same);
}

TEST(WorldFace, TheFrameBeforeWarpedAlongTheFlowIsTheFrame) {
  double warped = 0, still = 0, moving = 0;
  for (int64_t identity = 0; identity < 4; ++identity) {
    const FilmSetting setting =
        face({.identity = identity, .motion = identity, .size = {192, 192}, .start = 20 * identity});
    const std::vector<FilmFrame> frames = frames_of(setting, 5);
    for (size_t t = 1; t < frames.size(); ++t) {
      // Where nothing moves there is nothing to see of the flow.
      const at::Tensor moves = frames[t].flow.square().sum(1, /*keepdim=*/true) > 0.25;
      const at::Tensor where = (1 - frames[t].occlusion) * frames[t].mask * moves;
      const auto pixels = where.sum().item<double>();
      if (pixels < 50) continue;
      warped += pixels * warp_error(frames[t - 1], frames[t], where);
      still += pixels * still_error(frames[t - 1], frames[t], where);
      moving += pixels;
    }
  }
  ASSERT_GT(moving, 10000);
  // Bilinear sampling blurs hair and brows, and light changes as the head turns.
  EXPECT_LT(warped / moving, 3);
  EXPECT_LT(warped, 0.5 * still);
}

// ---- landmarks

struct Box {
  double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;

  void add(double x, double y) {
    left = std::min(left, x), right = std::max(right, x), top = std::min(top, y), bottom = std::max(bottom, y);
  }
};

/// Of the pixels of some labels between two columns.
Box box_of(const FilmFrame& frame, const std::set<int64_t>& labels, double from, double to) {
  Box box;
  const auto map = frame.labels.accessor<int64_t, 4>();
  for (int64_t y = 0; y < frame.labels.size(2); ++y) {
    for (int64_t x = 0; x < frame.labels.size(3); ++x) {
      const bool is_between = static_cast<double>(x) >= from && static_cast<double>(x) <= to;
      if (is_between && labels.contains(map[0][0][y][x])) box.add(static_cast<double>(x), static_cast<double>(y));
    }
  }
  return box;
}

Box box_of(const FilmFrame& frame, int64_t first, int64_t last) {
  Box box;
  for (int64_t i = first; i <= last; ++i) box.add(keypoint(frame, i).x, keypoint(frame, i).y);
  return box;
}

void expect_near(const Box& a, const Box& b, double tolerance) {
  EXPECT_NEAR(a.left, b.left, tolerance);
  EXPECT_NEAR(a.right, b.right, tolerance);
  EXPECT_NEAR(a.top, b.top, tolerance);
  EXPECT_NEAR(a.bottom, b.bottom, tolerance);
}

/// Between two landmarks, in pixels.
double gap(const FilmFrame& frame, int64_t a, int64_t b) {
  const Point3 p = keypoint(frame, a), q = keypoint(frame, b);
  return std::hypot(p.x - q.x, p.y - q.y);
}

/// Whether the head looks more or less at the camera.
bool looks_ahead(const FilmFrame& frame) {
  const double right = keypoint(frame, 30).x - keypoint(frame, 2).x,
               left = keypoint(frame, 14).x - keypoint(frame, 30).x;
  return right / left < 1.8 && left / right < 1.8;
}

TEST(WorldFace, LandmarksOutlineTheLipsAndTheOpenEyes) {
  int64_t seen = 0;
  for (int64_t start = 0; start < 300; start += 15) {
    const FilmFrame frame =
        frames_of(face({.identity = start / 15, .motion = 3, .size = {320, 320}, .start = start}), 1).front();
    if (!looks_ahead(frame)) continue;
    ++seen;
    // Corners of eyes and lips are thinner than a pixel is wide.
    expect_near(box_of(frame, 48, 59), box_of(frame, {5, 6}, 0, 320), 2);
    const Box eye = box_of(frame, 36, 41), other = box_of(frame, 42, 47);
    if (gap(frame, 37, 41) < 0.2 * gap(frame, 36, 39)) continue;  // a blink
    const double middle = keypoint(frame, 27).x;
    expect_near(eye, box_of(frame, {4}, 0, middle), 2.5);
    expect_near(other, box_of(frame, {4}, middle, 320), 2.5);
  }
  EXPECT_GE(seen, 5);
}

TEST(WorldFace, LandmarksOfBrowsAndNoseLieOnThem) {
  int64_t right = 0, all = 0;
  for (int64_t start = 0; start < 300; start += 15) {
    const FilmFrame frame =
        frames_of(face({.identity = 9, .motion = 3, .size = {320, 320}, .start = start}), 1).front();
    if (!looks_ahead(frame)) continue;
    const auto count = [&](int64_t index, int64_t label) {
      const Point3 point = keypoint(frame, index);
      ++all;
      right += static_cast<int64_t>(at_place(frame.labels, 0, point.x, point.y)) == label ? 1 : 0;
    };
    for (const int64_t brow : {18, 19, 20, 23, 24, 25}) count(brow, 2);
    for (const int64_t nose : {28, 29, 30, 32, 33, 34}) count(nose, 3);
  }
  EXPECT_GE(all, 60);
  EXPECT_GT(static_cast<double>(right), 0.95 * static_cast<double>(all));
}

TEST(WorldFace, NothingIsSeenThroughEyesAndMouth) {
  for (int64_t start = 0; start < 150; start += 5) {
    const FilmFrame frame =
        frames_of(face({.identity = 4, .motion = 2, .size = {128, 128}, .start = start}), 1).front();
    if (!looks_ahead(frame)) continue;
    for (const auto& [first, last] : {std::pair(36, 41), std::pair(42, 47), std::pair(48, 59)}) {
      const Box box = box_of(frame, first, last);
      for (double y = box.top; y <= box.bottom; ++y) {
        for (double x = box.left; x <= box.right; ++x) EXPECT_EQ(at_place(frame.mask, 0, x, y), 1) << start;
      }
    }
  }
}

TEST(WorldFace, EyesBlinkAndTheMouthSpeaks) {
  // Lids by the width of an eye, lips by that of the mouth.
  std::set<bool> shut, open;
  for (const FilmFrame& frame : frames_of(face({.motion = 3, .size = {64, 64}}), 200)) {
    shut.insert(gap(frame, 37, 41) < 0.06 * gap(frame, 36, 39));
    open.insert(gap(frame, 62, 66) > 0.2 * gap(frame, 48, 54));
  }
  EXPECT_EQ(shut.size(), 2);
  EXPECT_EQ(open.size(), 2);
}

TEST(WorldFace, LabelsAreThePartsOfAFace) {
  std::set<int64_t> seen;
  for (const FilmFrame& frame : frames_of(face({.motion = 3}), 100)) {
    for (const int64_t label : values<int64_t>(frame.labels)) seen.insert(label);
  }
  EXPECT_EQ(seen, (std::set<int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

// ---- sequences and refusals

TEST(WorldFace, SequencesHaveTheNextSeeds) {
  NodeRunner film("world.face");
  film.set("seed", int64_t{5}).set("frames", int64_t{1}).set("sequences", int64_t{2});
  film.set("size", std::vector<int64_t>{32, 32});
  film.run();
  EXPECT_FALSE(film.run().has_values());
  EXPECT_EQ(film.source().next_sequence(film.context()), "face-6");
  film.run();
  const FilmFrame alone = frames_of(face({.seed = 6, .identity = 6, .motion = 6, .size = {32, 32}}), 1).front();
  EXPECT_TRUE(film.tensor("image").equal(alone.image));
}

TEST(WorldFace, RefusesANegativeMotion) {
  EXPECT_EQ(error_text([] { NodeRunner("world.face").set("motion", int64_t{-1}); }),
            "`motion` must be at least 0, at most 1e15, not -1");
}

}  // namespace
}  // namespace weft
