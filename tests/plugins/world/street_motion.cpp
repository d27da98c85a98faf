// Flow, occlusion and depth of world.street.
#include "framework/testing/values.h"
#include "tests/plugins/world/drives.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::values;

TEST(WorldStreet, TheFrameBeforeWarpedAlongTheFlowIsTheFrame) {
  for (const std::string& look : kLooks) {
    const std::vector<StreetFrame> frames = frames_of({.look = look, .size = {128, 256}, .start = 20}, 4);
    for (size_t t = 1; t < frames.size(); ++t) {
      const at::Tensor visible = 1 - frames[t].occlusion;
      const double error = mean_error(warped(frames[t - 1], frames[t]), frames[t].image, visible);
      const double unmoved = mean_error(frames[t - 1].image, frames[t].image, visible);
      // Bilinear sampling blurs; what a perfect model may be measured against is below 4 steps of 255.
      EXPECT_LT(error, 4) << look;
      EXPECT_LT(error, 0.6 * unmoved) << look;
    }
  }
}

TEST(WorldStreet, FlowIsZeroWhereNothingMoves) {
  const std::vector<StreetFrame> frames = frames_of({.speed = 0, .traffic = false}, 2);
  for (const StreetFrame& frame : frames) {
    EXPECT_EQ(frame.flow.abs().max().item<float>(), 0);
    EXPECT_EQ(frame.occlusion.max().item<float>(), 0);
  }
  EXPECT_TRUE(frames[0].image.equal(frames[1].image));
}

/// Where the places that a frame shows were in the frame before, from depth and the two cameras alone: x, y, depth, [3, H, W].
at::Tensor places_before(const StreetFrame& before, const StreetFrame& now) {
  const int64_t height = now.depth.size(2), width = now.depth.size(3);
  const auto pose = now.camera.accessor<float, 4>(), pose_before = before.camera.accessor<float, 4>();
  const auto depth = now.depth.accessor<float, 4>();
  const double focal = pose[0][1][0][0], middle_x = pose[0][1][0][2], horizon = pose[0][1][1][2];
  at::Tensor result = at::empty({3, height, width});
  auto places = result.accessor<float, 3>();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      const double z = depth[0][0][y][x];
      const double own[3] = {z * (static_cast<double>(x) - middle_x) / focal,
                             z * (static_cast<double>(y) - horizon) / focal, z};
      double from_eye[3], seen[3] = {0, 0, 0};
      for (int row = 0; row < 3; ++row) {
        from_eye[row] = pose[0][0][row][3] - pose_before[0][0][row][3];
        for (int i = 0; i < 3; ++i) from_eye[row] += pose[0][0][row][i] * own[i];
      }
      for (int i = 0; i < 3; ++i) {
        for (int row = 0; row < 3; ++row) seen[i] += pose_before[0][0][row][i] * from_eye[row];
      }
      places[0][y][x] = static_cast<float>(focal * seen[0] / seen[2] + middle_x);
      places[1][y][x] = static_cast<float>(focal * seen[1] / seen[2] + horizon);
      places[2][y][x] = static_cast<float>(seen[2]);
    }
  }
  return result;
}

/// Poles and leaves turn with the camera, and the sky is said to be 1000 m away but moves as if it were farther: road,
/// pavement, houses and parked cars only.
at::Tensor stands(const StreetFrame& frame) {
  const at::Tensor& labels = frame.labels;
  return (labels == 7).logical_or(labels == 8).logical_or(labels == 11).logical_or(labels == 26);
}

TEST(WorldStreet, FlowOfWhatStandsFollowsFromDepthAndCamera) {
  const std::vector<StreetFrame> frames = frames_of({.traffic = false, .start = 100}, 2);
  const at::Tensor before = places_before(frames[0], frames[1]);
  const auto places = before.accessor<float, 3>();
  const auto flow = frames[1].flow.accessor<float, 4>();
  const at::Tensor counts = stands(frames[1]);
  const auto is_still = counts.accessor<bool, 4>();
  for (int64_t y = 0; y < 64; ++y) {
    for (int64_t x = 0; x < 128; ++x) {
      if (!is_still[0][0][y][x]) continue;
      // Cameras are floats of places in metres.
      ASSERT_NEAR(flow[0][0][y][x], places[0][y][x] - static_cast<float>(x), 0.01);
      ASSERT_NEAR(flow[0][1][y][x], places[1][y][x] - static_cast<float>(y), 0.01);
    }
  }
  EXPECT_GT(counts.to(at::kFloat).mean().item<float>(), 0.5);
  EXPECT_GT(frames[1].flow.abs().max().item<float>(), 2);
}

TEST(WorldStreet, OcclusionIsWhereTheFrameBeforeShowsSomethingNearerOrNothing) {
  const std::vector<StreetFrame> frames = frames_of({.size = {128, 256}, .traffic = false, .start = 100}, 2);
  const at::Tensor counts = stands(frames[1]), before = places_before(frames[0], frames[1]);
  const auto places = before.accessor<float, 3>();
  const auto is_still = counts.accessor<bool, 4>();
  const auto depth = frames[0].depth.accessor<float, 4>(), occlusion = frames[1].occlusion.accessor<float, 4>();
  int hidden = 0, right = 0, all = 0;
  for (int64_t y = 0; y < 128; ++y) {
    for (int64_t x = 0; x < 256; ++x) {
      if (!is_still[0][0][y][x]) continue;
      const auto column = static_cast<int64_t>(std::lround(places[0][y][x]));
      const auto row = static_cast<int64_t>(std::lround(places[1][y][x]));
      const bool is_inside = column >= 0 && row >= 0 && column < 256 && row < 128;
      const bool is_hidden = !is_inside || depth[0][0][row][column] < 0.97 * places[2][y][x];
      hidden += is_hidden ? 1 : 0;
      right += is_hidden == (occlusion[0][0][y][x] > 0) ? 1 : 0;
      ++all;
    }
  }
  EXPECT_GT(hidden, 100);
  // The depth of the nearest pixel is not quite that of the place, where a surface runs away from the camera.
  EXPECT_GT(right, all - all / 200);
}

TEST(WorldStreet, TheRoadLiesAFlatDistanceBelowTheCamera) {
  const StreetFrame frame = frames_of({}, 1).front();
  const auto labels = frame.labels.accessor<int64_t, 4>();
  const auto depth = frame.depth.accessor<float, 4>(), camera = frame.camera.accessor<float, 4>();
  const float focal = camera[0][1][0][0], horizon = camera[0][1][1][2], eye = camera[0][0][2][3];
  for (int64_t y = 40; y < 64; ++y) {
    for (int64_t x = 0; x < 128; ++x) {
      if (labels[0][0][y][x] != 7) continue;
      ASSERT_NEAR(depth[0][0][y][x], focal * eye / (static_cast<float>(y) - horizon), 1e-3 * depth[0][0][y][x]);
    }
  }
  EXPECT_NEAR(focal, 64 / std::tan(30 * 3.14159265 / 180), 1e-3);  // 60 degrees from border to border
}

TEST(WorldStreet, DepthIsPositiveAndTheSkyIsFarthest) {
  const StreetFrame frame = frames_of({}, 1).front();
  const std::vector<float> depth = values(frame.depth);
  const std::vector<int64_t> labels = values<int64_t>(frame.labels);
  for (size_t i = 0; i < depth.size(); ++i) {
    ASSERT_GT(depth[i], 0.1);
    ASSERT_TRUE(labels[i] == 23 ? std::abs(depth[i] - 1000) < 0.01 : depth[i] < 700) << depth[i];
  }
}

}  // namespace
}  // namespace weft
