#include "framework/testing/node_runner.h"
#include "tests/plugins/face/faces.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace weft::face {
namespace {

using testing::error_of;
using testing::NodeRunner;
using Size = std::vector<int64_t>;

/// The channel of distances to the right brow: edges, outline, right brow.
constexpr int64_t kToBrow = 2;

/// The node under test, for a video of 60x40 pixels.
struct Drawer : NodeRunner {
  Drawer() : NodeRunner("face.draw") { set("frame_size", Size{40, 60}); }
};

/// A face of which only a level right brow is drawn: from x to x + 4 step, at y = 30.
Landmarks brow(double x, double step, double rest_x = 5) {
  Landmarks landmarks = all_at(rest_x, 30);
  for (size_t i = 0; i < 5; ++i) landmarks[17 + i].x = x + static_cast<double>(i) * step;
  return landmarks;
}

TEST(FaceDraw, AnEdgeIsTwoPixelsWide) {
  Drawer draw;
  const at::Tensor edges = grey_levels(draw.input("keypoints", keypoints(brow(20, 2))).run().tensor("conditions"), 0);
  for (int64_t y = 0; y < 40; ++y) {
    for (int64_t x = 0; x < 60; ++x) {
      // From 20 to 24 there are positions 20, 21, 22 and 24, then 24, 25, 26 and 28; the brush adds one to
      // the left and above.
      const bool is_edge = x >= 19 && x <= 28 && (y == 29 || y == 30);
      EXPECT_EQ(edges[y][x].item<int>(), is_edge ? 255 : 0) << x << ' ' << y;
    }
  }
}

TEST(FaceDraw, FewShotLinesAreAsWideAsTheWindowIsHigh) {
  const auto is_edge = [](int64_t side, int64_t x, int64_t y) {
    Drawer draw;
    draw.set("program", std::string("few_shot")).set("distance_maps", false).set("size", Size{side, side});
    const double end = 10 + static_cast<double>(side);
    draw.input("window", at::tensor({10.0, 10.0, 1.0, end, end, 1.0}, at::kDouble).view({1, 2, 3}));
    const at::Tensor map = draw.input("keypoints", keypoints(brow(20, 2))).run().tensor("conditions");
    EXPECT_EQ(map.size(1), 1);
    return grey_levels(map, 0)[y][x].item<int>() == 255;
  };
  // The brow at y = 30 of the frame is at 20 of the window.
  EXPECT_TRUE(is_edge(64, 12, 19));
  EXPECT_FALSE(is_edge(64, 12, 18));
  EXPECT_TRUE(is_edge(512, 12, 18));
  EXPECT_FALSE(is_edge(512, 12, 17));
}

TEST(FaceDraw, TheForeheadMayBeLeftOut) {
  // A jaw from (10, 20) down to (34, 32) and up: only with a forehead is anything above it.
  Landmarks jaw = all_at(22, 20);
  for (size_t i = 0; i < 17; ++i) {
    const double x = static_cast<double>(i) - 8;
    jaw[i] = {22 + 1.5 * x, 32 - x * x * 12 / 64};
  }
  const auto rows_above = [&](bool forehead) {
    Drawer draw;
    draw.set("forehead", forehead).set("distance_maps", false);
    const at::Tensor map = draw.input("keypoints", keypoints(jaw)).run().tensor("conditions");
    return grey_levels(map, 0).narrow(0, 0, 18).max().item<int>();
  };
  EXPECT_EQ(rows_above(true), 255);
  EXPECT_EQ(rows_above(false), 0);
}

TEST(FaceDraw, RefusesPointsThatAreNoFace) {
  Drawer draw;
  EXPECT_EQ(error_of([&] {
              draw.input("keypoints", at::zeros({1, 70, 3}, at::kDouble)).run();
            }),
            "`keypoints` has 70 points, but a face has 68, or 83 with its forehead");
  Drawer scaled;
  scaled.set("program", std::string("few_shot")).set("scale_face", true);
  EXPECT_EQ(error_of([&] { scaled.input("keypoints", keypoints(brow(20, 2))).run(); }),
            "`scale_face` is of vid2vid, but `program` is few_shot\n  face.normalise gives a face the proportions of "
            "another one");
}

TEST(FaceDraw, AMirroredWindowIsMirrored) {
  const auto seen = [](double left, double right) {
    Drawer draw;
    draw.set("size", Size{20, 20});
    draw.input("window", at::tensor({left, 20.0, 1.0, right, 40.0, 1.0}, at::kDouble).view({1, 2, 3}));
    return draw.input("keypoints", keypoints(brow(20, 2))).run().tensor("conditions");
  };
  // Columns 12 to 31; the edge is at 19 to 28, mirrored at 3 to 12.
  const at::Tensor edges = grey_levels(seen(32, 12), 0);
  for (int64_t x = 0; x < 20; ++x) EXPECT_EQ(edges[9][x].item<int>(), x >= 3 && x <= 12 ? 255 : 0) << x;
  EXPECT_TRUE(seen(32, 12).equal(seen(12, 32).flip(3)));
}

TEST(FaceDraw, DistancesCountStepsInThrees) {
  Drawer draw;
  const at::Tensor maps = draw.input("keypoints", keypoints(brow(20, 2))).run().tensor("conditions");
  ASSERT_EQ(maps.sizes(), (at::IntArrayRef{1, 15, 40, 60}));
  const at::Tensor to_brow = grey_levels(maps, kToBrow);
  for (int64_t y = 0; y < 40; ++y) {
    for (int64_t x = 0; x < 60; ++x) {
      const int64_t across = std::max<int64_t>({19 - x, x - 28, 0}), down = std::max<int64_t>({29 - y, y - 30, 0});
      EXPECT_EQ(to_brow[y][x].item<int64_t>(), (across + down) / 3) << x << ' ' << y;
    }
  }
  EXPECT_EQ(grey_levels(maps, kToBrow + 1).min().item<int>(), 255);  // the left brow is not there
}

TEST(FaceDraw, DistanceMapsMayBeLeftOut) {
  Drawer draw;
  draw.set("distance_maps", false);
  EXPECT_EQ(draw.input("keypoints", keypoints(brow(20, 2))).run().tensor("conditions").sizes(),
            (at::IntArrayRef{1, 1, 40, 60}));
}

/// Dark on the left of column 24, bright on its right: one column of edges.
at::Tensor step() {
  at::Tensor image = at::full({1, 3, 40, 60}, -1.0);
  image.narrow(3, 24, 1).fill_(128 / 127.5 - 1);
  image.narrow(3, 25, 35).fill_(1);
  return image;
}

TEST(FaceDraw, TheBackgroundHasTheFramesEdges) {
  NodeRunner draw("face.draw");
  const at::Tensor edges =
      grey_levels(draw.input("keypoints", keypoints(brow(20, 2))).input("image", step()).run().tensor("conditions"), 0);
  for (int64_t y = 1; y < 39; ++y) {
    EXPECT_EQ(edges[y][23].item<int>(), y == 29 || y == 30 ? 255 : 0) << y;
    // The brow's polygon is the row y = 30: there the face hides the background. Above, both edges meet and
    // wrap around.
    EXPECT_EQ(edges[y][24].item<int>(), y == 29 ? 254 : 255) << y;
  }
}

TEST(FaceDraw, TheBackgroundMayStayEmpty) {
  NodeRunner draw("face.draw");
  draw.set("background_edges", false).input("keypoints", keypoints(all_at(5, 5))).input("image", step());
  EXPECT_EQ(grey_levels(draw.run().tensor("conditions"), 0).max().item<int>(), 0);
}

/// First and last column of the edges.
std::pair<int64_t, int64_t> extent(const at::Tensor& maps) {
  const at::Tensor columns = maps[0][0].amax({0}).nonzero();
  return {columns.min().item<int64_t>(), columns.max().item<int64_t>()};
}

TEST(FaceDraw, AScaledFaceHasItsBrowsNearer) {
  // Of 20 pixels between the middle of the brow, 24.5, and the other, 4.5, one tenth goes, half of it on each
  // side.
  const at::Tensor face = keypoints(brow(20, 2.25, 4.5));
  Drawer plain, scaled;
  scaled.set("scale_face", true);
  EXPECT_EQ(extent(plain.input("keypoints", face).run().tensor("conditions")), (std::pair<int64_t, int64_t>(19, 29)));
  EXPECT_EQ(extent(scaled.input("keypoints", face).run().tensor("conditions")), (std::pair<int64_t, int64_t>(18, 28)));
}

TEST(FaceDraw, AWindowIsCutOutOfTheWholeFrame) {
  Drawer whole, part;
  const at::Tensor face = keypoints(brow(20, 2));
  const at::Tensor window = at::tensor({10.0, 20.0, 1.0, 40.0, 40.0, 1.0}, at::kDouble).view({1, 2, 3});
  const at::Tensor maps = whole.input("keypoints", face).run().tensor("conditions");
  part.set("size", Size{20, 30}).input("keypoints", face).input("window", window);
  EXPECT_TRUE(part.run().tensor("conditions").equal(maps.slice(2, 20, 40).slice(3, 10, 40)));
}

TEST(FaceDraw, OutsideOfTheFrameThereAreNoEdgesAndDistancesStay) {
  Drawer draw;
  const at::Tensor window = at::tensor({-10.0, 20.0, 1.0, 40.0, 50.0, 1.0}, at::kDouble).view({1, 2, 3});
  draw.set("size", Size{30, 50}).input("keypoints", keypoints(brow(20, 2))).input("window", window);
  const at::Tensor maps = draw.run().tensor("conditions");
  EXPECT_EQ(grey_levels(maps, 0).narrow(1, 0, 10).max().item<int>(), 0);
  EXPECT_EQ(grey_levels(maps, kToBrow)[9][0].item<int>(), 19 / 3);   // as at column 0 of the frame
  EXPECT_EQ(grey_levels(maps, kToBrow)[29][30].item<int>(), 9 / 3);  // as in its last row
}

TEST(FaceDraw, MapsAreResized) {
  Drawer draw;
  draw.set("size", Size{20, 30}).input("keypoints", keypoints(all_at(5, 5)));
  EXPECT_EQ(draw.run().tensor("conditions").sizes(), (at::IntArrayRef{1, 15, 20, 30}));
}

TEST(FaceDraw, TheSizeMustBeKnown) {
  NodeRunner draw("face.draw");
  draw.input("keypoints", keypoints(all_at(5, 5)));
  EXPECT_EQ(error_of([&] { draw.run(); }),
            "the size of the landmarks' frame is not known\n  wire the frames to `image`, or give `frame_size = "
            "[height, width]`");
  Drawer windowed;
  windowed.input("keypoints", keypoints(all_at(5, 5))).input("window", at::zeros({1, 2, 3}));
  EXPECT_EQ(error_of([&] { windowed.run(); }),
            "`window` is wired, but `size` is not given: windows differ in size, and maps must not\n  add a size, such "
            "as `size = [512, 512]`");
  Drawer contradicted;
  contradicted.input("keypoints", keypoints(all_at(5, 5))).input("image", at::zeros({1, 3, 20, 30}));
  EXPECT_EQ(error_of([&] { contradicted.run(); }),
            "`image` is 30x20, but `frame_size` says 60x40\n  landmarks are in pixels of the original video: wire "
            "frames of that size, or remove `frame_size`");
}

TEST(FaceDraw, RefusesLandmarksThatAreNoPositions) {
  Drawer draw;
  Landmarks landmarks = all_at(5, 5);
  landmarks[3].x = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(error_of([&] { draw.input("keypoints", keypoints(landmarks)).run(); }),
            "landmark 3 is at (nan, 5), which is not a position in an image");
}

TEST(FaceDraw, DrawsTheRealFacesWithinTheirWindow) {
  const std::string folder = testing::shared_folder("data/face/landmarks");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data at " << folder;
  NodeRunner frames("face.landmark_folder"), find("face.window"), draw("face.draw");
  frames.set("path", folder);
  draw.set("frame_size", Size{480, 640}).set("size", Size{256, 256});
  while (frames.run().has_values()) {
    const at::Tensor face = frames.tensor("keypoints");
    find.input("keypoints", face).input("image", at::zeros({1, 3, 480, 640}));
    draw.input("keypoints", face).input("window", find.run().tensor("window"));
    const auto [left, right] = extent(draw.run().tensor("conditions"));
    // The window is 2.5 times as wide as the landmarks, which lie in its middle third or so.
    EXPECT_GT(left, 256 / 4);
    EXPECT_LT(right, 256 * 3 / 4);
    EXPECT_NEAR(static_cast<double>(right - left), 256 / 2.5, 8);
  }
}

TEST(FaceDraw, NothingIsDrawnWhereNobodyIs) {
  Drawer draw;
  draw.set("scale_face", true).input("keypoints", at::zeros({1, 68, 3}, at::kDouble));
  const at::Tensor maps = draw.run().tensor("conditions");
  EXPECT_EQ(maps.sizes(), (at::IntArrayRef{1, 15, 40, 60}));
  EXPECT_EQ(maps.select(1, 0).abs().max().item<float>(), 0);
  EXPECT_EQ(maps.narrow(1, 1, 14).min().item<float>(), 1);  // no edge is near
  NodeRunner labels("face.labels");
  labels.set("frame_size", Size{40, 60}).input("keypoints", at::zeros({1, 68, 3}, at::kDouble));
  EXPECT_EQ(labels.run().tensor("labels").abs().max().item<int64_t>(), 0);
}

}  // namespace
}  // namespace weft::face
