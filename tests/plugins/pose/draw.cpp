#include "framework/testing/node_runner.h"
#include "tests/plugins/pose/drawer.h"
#include "tests/plugins/pose/people.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <limits>

namespace weft::pose {
namespace {

using testing::error_of;
using testing::NodeRunner;

bool is_in_disc(int64_t x, int64_t y) {
  return (x - 20) * (x - 20) + (y - 20) * (y - 20) < 36;
}

TEST(PoseDraw, ALimbIsAsWideAsItsEnds) {
  Drawer draw;
  const at::Tensor colours = colours_of(draw, dot());
  for (int64_t y = 0; y < 40; ++y) {
    for (int64_t x = 0; x < 60; ++x) {
      EXPECT_EQ(at_pixel(colours, x, y), is_in_disc(x, y) ? (Rgb{153, 0, 0}) : kBlack) << x << ' ' << y;
    }
  }
}

TEST(PoseDraw, ALimbOverAnotherIsMixedWithIt) {
  const at::Tensor keypoints = dot();
  set_point(keypoints, kBody + 2, 21.5, 20);  // the shoulder, (153, 51, 0), where the torso is, (153, 0, 0)
  Drawer draw;
  const at::Tensor colours = colours_of(draw, keypoints);
  for (int64_t y = 0; y < 40; ++y) {
    for (int64_t x = 0; x < 60; ++x) {
      // The square brush mixes once, the disc once more.
      const bool is_in_square = x >= 17 && x < 23 && y >= 17 && y < 23;
      const Rgb expected = is_in_square ? Rgb{153, 38, 0} : is_in_disc(x, y) ? Rgb{153, 25, 0} : kBlack;
      EXPECT_EQ(at_pixel(colours, x, y), expected) << x << ' ' << y;
    }
  }
}

TEST(PoseDraw, PeopleAreAddedAndWrapAround) {
  Drawer draw;
  const at::Tensor colours = colours_of(draw, at::cat({dot(), dot()}, 1));
  EXPECT_EQ(at_pixel(colours, 20, 20), (Rgb{153 + 153 - 256, 0, 0}));
}

TEST(PoseDraw, NobodyIsBlack) {
  Drawer draw;
  EXPECT_EQ(colours_of(draw, at::zeros({1, 0, 3}, at::kDouble)).max().item<int>(), 0);
  EXPECT_EQ(draw.tensor("pose").max().item<float>(), -1);
  EXPECT_EQ(colours_of(draw, nobody(2)).max().item<int>(), 0);
}

TEST(PoseDraw, PointsNeedConfidence) {
  Drawer draw;
  const at::Tensor keypoints = dot();
  set_point(keypoints, kBody + 8, 21.5, 20, 0.01);
  EXPECT_EQ(colours_of(draw, keypoints).max().item<int>(), 0);
  set_point(keypoints, kBody + 8, 21.5, 20, 0.011);
  EXPECT_EQ(colours_of(draw, keypoints).max().item<int>(), 153);
}

/// The nose's bridge: four points in a row.
at::Tensor nose(double last_confidence) {
  const at::Tensor keypoints = nobody();
  for (int64_t i = 0; i < 4; ++i) {
    set_point(keypoints, kFace + 27 + i, 20 + 4 * static_cast<double>(i), 20, i == 3 ? last_confidence : 1);
  }
  return keypoints;
}

TEST(PoseDraw, AFacialEdgeIsDrawnWholeOrNotAtAll) {
  Drawer draw;
  EXPECT_EQ(colours_of(draw, nose(0.1)).max().item<int>(), 0);
  const at::Tensor colours = colours_of(draw, nose(0.11));
  EXPECT_EQ(at_pixel(colours, 20, 20), (Rgb{255, 255, 255}));
  EXPECT_NE(at_pixel(colours, 32, 20), kBlack);
}

TEST(PoseDraw, AFingerIsDrawnWholeOrNotAtAll) {
  Drawer draw;
  const at::Tensor keypoints = nobody();
  for (int64_t i = 0; i < 5; ++i) set_point(keypoints, kRightHand + i, 10 + 5 * static_cast<double>(i), 10);
  EXPECT_EQ(at_pixel(colours_of(draw, keypoints), 12, 10), (Rgb{204, 0, 0}));
  set_point(keypoints, kRightHand + 4, 30, 10, 0);
  EXPECT_EQ(colours_of(draw, keypoints).max().item<int>(), 0);
}

TEST(PoseDraw, BasicPointsAreTheBodyWithoutTheHead) {
  const at::Tensor keypoints = nose(1);
  set_point(keypoints, kBody + 0, 40, 10);
  set_point(keypoints, kBody + 16, 45, 10);
  Drawer draw;
  EXPECT_EQ(colours_of(draw, keypoints).max().item<int>(), 255);
  Drawer basic;
  basic.set("basic_point_only", true);
  EXPECT_EQ(colours_of(basic, keypoints).max().item<int>(), 0);
  EXPECT_EQ(at_pixel(colours_of(basic, dot()), 20, 20), (Rgb{153, 0, 0}));
}

TEST(PoseDraw, ResizesToTheNearestPixel) {
  Drawer draw, half;
  half.set("size", Size{20, 30});
  const at::Tensor whole = colours_of(draw, dot()), small = colours_of(half, dot());
  // Pixel i of the half shows the one whose centre is next to 2 (i + 1/2).
  EXPECT_TRUE(small.equal(whole.slice(0, 1, 40, 2).slice(1, 1, 60, 2)));
}

at::Tensor window(double left, double top, double right, double bottom) {
  return at::tensor({left, top, 1.0, right, bottom, 1.0}, at::kDouble).view({1, 2, 3});
}

/// What is drawn of the dot through a window, [height, width, 3].
at::Tensor seen_of_dot(const at::Tensor& corners, const Size& size) {
  Drawer draw;
  draw.set("size", size).input("window", corners);
  return colours_of(draw, dot());
}

TEST(PoseDraw, AWindowShowsItsNearestPixels) {
  // Columns at floor(10.5 + 2 (i + 1/2)), rows at floor(12 + 2 (i + 1/2)).
  const at::Tensor seen = seen_of_dot(window(10.5, 12, 30.5, 28), {8, 10});
  for (int64_t y = 0; y < 8; ++y) {
    for (int64_t x = 0; x < 10; ++x) {
      EXPECT_EQ(at_pixel(seen, x, y), is_in_disc(11 + 2 * x, 13 + 2 * y) ? (Rgb{153, 0, 0}) : kBlack) << x << ' ' << y;
    }
  }
}

TEST(PoseDraw, AWindowIsWhatResizingAndCuttingGive) {
  Drawer whole, resized;
  const at::Tensor all = colours_of(whole, dot());
  EXPECT_TRUE(seen_of_dot(window(0, 0, 60, 40), {40, 60}).equal(all));
  // 60x40 becomes 36x24, of which 16 columns are seen from 3 on, 12 rows from 5 on.
  const at::Tensor part = colours_of(resized.set("size", Size{24, 36}), dot()).narrow(0, 5, 12).narrow(1, 3, 16);
  EXPECT_GT(part.max().item<int>(), 0);
  EXPECT_TRUE(seen_of_dot(window(5, 5 * 40 / 24.0, 19 * 60 / 36.0, 17 * 40 / 24.0), {12, 16}).equal(part));
}

TEST(PoseDraw, AMirroredWindowIsMirrored) {
  const at::Tensor seen = seen_of_dot(window(5, 5 * 40 / 24.0, 19 * 60 / 36.0, 17 * 40 / 24.0), {12, 16});
  const at::Tensor mirrored = seen_of_dot(window(19 * 60 / 36.0, 5 * 40 / 24.0, 5, 17 * 40 / 24.0), {12, 16});
  EXPECT_FALSE(seen.equal(seen.flip(1)));
  EXPECT_TRUE(mirrored.equal(seen.flip(1)));
}

TEST(PoseDraw, BesideTheFrameAWindowIsBlack) {
  // The frame begins at column 8 and row 4 of the map, and ends before column 56 of it.
  const at::Tensor seen = seen_of_dot(window(-8, -4, 72, 36), {40, 80});
  EXPECT_EQ(at_pixel(seen, 28, 24), (Rgb{153, 0, 0}));
  EXPECT_EQ(seen.narrow(0, 0, 4).max().item<int>() + seen.narrow(1, 0, 8).max().item<int>(), 0);
  EXPECT_EQ(at_pixel(seen_of_dot(window(20, 20, 80, 80), {6, 6}), 5, 5), kBlack);
}

TEST(PoseDraw, AWindowNeedsASizeAndSomethingInIt) {
  Drawer draw;
  draw.input("window", window(0, 0, 4, 4));
  EXPECT_EQ(error_of([&] { colours_of(draw, dot()); }),
            "`window` is wired, but `size` is not given: windows differ in size, and maps must not\n  add a size, such "
            "as `size = [256, 448]`");
  EXPECT_EQ(error_of([&] {
              seen_of_dot(window(4, 9, 8, 9), {4, 4});
            }),
            "a window without pixels: (4, 9) to (8, 9)\n  a window has two keypoints, its upper left and its lower "
            "right corner; media.clips gives one");
}

TEST(PoseDraw, PartsAreDroppedInTrainingOnly) {
  Drawer draw;
  draw.set("drop_probability", 1.0);
  EXPECT_EQ(colours_of(draw, dot()).max().item<int>(), 153);
  draw.context().set_training(true);
  EXPECT_EQ(colours_of(draw, at::cat({dot(), nose(1)}, 1)).max().item<int>(), 0);
}

TEST(PoseDraw, ADropIsAsProbableAsAsked) {
  Drawer draw;
  draw.set("drop_probability", 0.25);
  draw.context().set_training(true);
  int drawn = 0;
  for (int i = 0; i < 200; ++i) drawn += colours_of(draw, dot()).max().item<int>() > 0 ? 1 : 0;
  // 150 expected, standard deviation 6.1; the seed is fixed.
  EXPECT_NEAR(drawn, 150, 25);
}

TEST(PoseDraw, NoiseMovesTheHeadAndNothingElseInTrainingOnly) {
  at::Tensor body = dot(), head = nobody();
  for (const int64_t point : {0, 15}) set_point(head, kBody + point, 30 + static_cast<double>(point), 20);
  const auto noisy = [](bool is_training, const at::Tensor& keypoints) {
    Drawer draw;
    draw.set("move_head", true);
    draw.context().set_training(is_training);
    return colours_of(draw, keypoints);
  };
  EXPECT_TRUE(noisy(true, body).equal(noisy(false, body)));
  EXPECT_FALSE(noisy(true, head).equal(noisy(false, head)));
  EXPECT_FALSE(noisy(true, nose(1)).equal(noisy(false, nose(1))));
  EXPECT_TRUE(noisy(true, head).equal(noisy(true, head)));  // the same seed
}

TEST(PoseDraw, PositionsOutsideDoNoHarm) {
  const at::Tensor keypoints = dot();
  set_point(keypoints, kBody + 8, 1e18, -1e18);
  set_point(keypoints, kBody + 2, -500, 1e4);
  set_point(keypoints, kBody + 5, std::numeric_limits<double>::quiet_NaN(), 3);
  Drawer draw;
  EXPECT_EQ(colours_of(draw, keypoints).sizes(), (at::IntArrayRef{40, 60, 3}));
}

TEST(PoseDraw, RefusesKeypointsOfSomethingElse) {
  Drawer draw;
  EXPECT_EQ(error_of([&] {
              colours_of(draw, at::zeros({1, 68, 3}));
            }),
            "people have 137 keypoints each (body 25, face 70, hands 21 each), but there are 68\n"
            "  pose.openpose_folder gives such keypoints");
}

TEST(PoseDraw, CoversTheJointsOfRealPeople) {
  const std::string folder = testing::shared_folder("data/pose/openpose");
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no shared data at " << folder;
  NodeRunner frames("pose.openpose_folder");
  Drawer draw({1080, 1920});
  frames.set("path", folder).set("stop", int64_t{2});
  while (frames.run().has_values()) {
    const at::Tensor keypoints = frames.tensor("keypoints");
    const at::Tensor colours = colours_of(draw, keypoints);
    for (int64_t joint = 0; joint < 25; ++joint) {
      const auto point = keypoints[0][joint];
      if (point[2].item<double>() <= 0.01) continue;
      EXPECT_NE(at_pixel(colours, point[0].item<int64_t>(), point[1].item<int64_t>()), kBlack) << joint;
    }
  }
}

}  // namespace
}  // namespace weft::pose
