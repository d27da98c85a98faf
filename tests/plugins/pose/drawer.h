#pragma once

#include "framework/testing/node_runner.h"
#include "tests/plugins/pose/people.h"

#include <ATen/TensorOperators.h>

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace weft::pose {

using Size = std::vector<int64_t>;
using Rgb = std::array<int, 3>;

constexpr Rgb kBlack = {0, 0, 0};

/// The node under test, for a video of 60x40 pixels.
struct Drawer : testing::NodeRunner {
  explicit Drawer(Size frame = {40, 60}) : testing::NodeRunner("pose.draw") { set("frame_size", std::move(frame)); }
};

/// The colours of a map, [H, W, 3].
inline at::Tensor colours_of(testing::NodeRunner& draw, const at::Tensor& keypoints) {
  const at::Tensor map = draw.input("keypoints", keypoints).run().tensor("pose");
  return ((map + 1) / 2 * 255).round().to(at::kInt)[0].permute({1, 2, 0}).contiguous();
}

inline Rgb at_pixel(const at::Tensor& colours, int64_t x, int64_t y) {
  const auto pixels = colours.accessor<int, 3>();
  return {pixels[y][x][0], pixels[y][x][1], pixels[y][x][2]};
}

/// A torso of one pixel, at (20, 20): a curve from 20 to 21.5 has one position.
inline at::Tensor dot() {
  const at::Tensor keypoints = nobody();
  set_point(keypoints, kBody + 1, 20, 20);
  set_point(keypoints, kBody + 8, 21.5, 20);
  return keypoints;
}

}  // namespace weft::pose
