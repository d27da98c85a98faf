#include "framework/testing/node_runner.h"
#include "tests/plugins/face/faces.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;
using Size = std::vector<int64_t>;

/// A jaw with corners at (10, 40), (10, 60), (50, 60) and (50, 40), an eye from (20, 45) to (24, 47), all
/// else at (30, 50).
Landmarks square_face() {
  Landmarks landmarks = all_at(30, 50);
  for (size_t i = 0; i <= 16; ++i) {
    const bool is_left = i<9, is_low = i> 4 && i < 13;
    landmarks[i] = {is_left ? 10.0 : 50.0, is_low ? 60.0 : 40.0};
  }
  for (size_t i = 36; i <= 41; ++i) {
    const bool is_right = i >= 38 && i <= 40, is_low = i >= 40;
    landmarks[i] = {is_right ? 24.0 : 20.0, is_low ? 47.0 : 45.0};
  }
  return landmarks;
}

/// The jaw's lower corners, 20 below its ends, come back 14 above them: floor(-20 * 2 / 3) = -14.
int64_t expected_label(int64_t x, int64_t y) {
  if (x == 30 && y == 50) return 6;
  if (x >= 20 && x <= 24 && y >= 45 && y <= 47) return 4;
  return x >= 10 && x <= 50 && y >= 26 && y <= 60 ? 1 : 0;
}

TEST(FaceLabels, PaintsPartsOverSkinWithForehead) {
  NodeRunner node("face.labels");
  node.set("frame_size", Size{70, 60});
  const at::Tensor labels = node.input("keypoints", keypoints(square_face())).run().tensor("labels");
  ASSERT_EQ(labels.sizes(), (at::IntArrayRef{1, 1, 70, 60}));
  ASSERT_EQ(labels.scalar_type(), at::kLong);
  for (int64_t y = 0; y < 70; ++y) {
    for (int64_t x = 0; x < 60; ++x)
      EXPECT_EQ(labels[0][0][y][x].item<int64_t>(), expected_label(x, y)) << x << ' ' << y;
  }
}

TEST(FaceLabels, ShowsAWindowByItsNearestPixels) {
  NodeRunner node("face.labels");
  const at::Tensor window = at::tensor({0.0, 20.0, 1.0, 40.0, 60.0, 1.0}, at::kDouble).view({1, 2, 3});
  node.set("size", Size{20, 20}).input("window", window).input("image", at::zeros({1, 3, 70, 60}));
  const at::Tensor labels = node.input("keypoints", keypoints(square_face())).run().tensor("labels");
  for (int64_t y = 0; y < 20; ++y) {
    for (int64_t x = 0; x < 20; ++x) {
      EXPECT_EQ(labels[0][0][y][x].item<int64_t>(), expected_label(2 * x + 1, 20 + 2 * y + 1)) << x << ' ' << y;
    }
  }
}

TEST(FaceLabels, ShowsAMirroredWindowMirrored) {
  NodeRunner node("face.labels");
  const at::Tensor window = at::tensor({40.0, 20.0, 1.0, 0.0, 60.0, 1.0}, at::kDouble).view({1, 2, 3});
  node.set("size", Size{20, 20}).input("window", window).input("image", at::zeros({1, 3, 70, 60}));
  const at::Tensor labels = node.input("keypoints", keypoints(square_face())).run().tensor("labels");
  for (int64_t y = 0; y < 20; ++y) {
    for (int64_t x = 0; x < 20; ++x) {
      EXPECT_EQ(labels[0][0][y][x].item<int64_t>(), expected_label(39 - 2 * x, 20 + 2 * y + 1)) << x << ' ' << y;
    }
  }
}

TEST(FaceLabels, TheSizeMustBeKnown) {
  NodeRunner node("face.labels");
  EXPECT_EQ(error_of([&] { node.input("keypoints", keypoints(square_face())).run(); }),
            "the size of the landmarks' frame is not known\n  wire the frames to `image`, or give `frame_size = "
            "[height, width]`");
}

}  // namespace
}  // namespace weft::face
