// pose.draw as few-shot vid2vid draws, the person that is drawn, and units of keypoints.
#include "tests/plugins/pose/drawer.h"
#include "tests/plugins/pose/people.h"
#include "tests/plugins/text_files.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <optional>

namespace weft::pose {
namespace {

using testing::error_of;

/// Draws as few-shot vid2vid.
struct FewShotDrawer : Drawer {
  explicit FewShotDrawer(Size frame = {40, 60}) : Drawer(std::move(frame)) { set("program", std::string("few_shot")); }
};

TEST(PoseDraw, FewShotLinesAreAsWideAsThePersonIsTall) {
  const auto drawn = [](double y) {
    const at::Tensor keypoints = nobody();
    set_point(keypoints, kBody + 1, 20, y);
    set_point(keypoints, kBody + 8, 21.5, y);
    FewShotDrawer draw({400, 60});
    const at::Tensor is_drawn = colours_of(draw, keypoints).sum(2) > 0;
    return is_drawn.sum().item<int64_t>();
  };
  // Discs of twice the brush: with 1 the 9 offsets below 2 from the middle, with 2 the 45 below 4.
  EXPECT_EQ(drawn(200), 9);
  EXPECT_EQ(drawn(350), 45);
}

TEST(PoseDraw, FewShotLinesAreAsWideAsThoseOfTwoFramesAtMost) {
  const auto drawn = [](double y) {
    const at::Tensor keypoints = nobody();
    set_point(keypoints, kBody + 1, 20, 20);
    set_point(keypoints, kBody + 8, 21.5, 20);
    set_point(keypoints, kBody + 11, 30, y);
    FewShotDrawer draw({400, 60});
    return colours_of(draw, keypoints);
  };
  EXPECT_TRUE(drawn(1e6).equal(drawn(2000)));
}

TEST(PoseDraw, FewShotDrawsTheJawWholeOrNotAtAll) {
  at::Tensor keypoints = nobody();
  for (int64_t i = 0; i < 17; ++i) set_point(keypoints, kFace + i, 10 + 2 * static_cast<double>(i), 20);
  FewShotDrawer draw, without_face, without_point;
  Drawer other;
  EXPECT_EQ(at_pixel(colours_of(draw, keypoints), 11, 20), (Rgb{255, 255, 255}));
  EXPECT_EQ(colours_of(other, keypoints).max().item<int>(), 0) << "vid2vid draws no jaw";
  without_face.set("face", false);
  EXPECT_EQ(colours_of(without_face, keypoints).max().item<int>(), 0);
  set_point(keypoints, kFace + 16, 0, 20);
  EXPECT_EQ(colours_of(without_point, keypoints).max().item<int>(), 0) << "a point at x = 0 was not found";
}

TEST(PoseDraw, FewShotBodiesHaveAHeadButNoFeet) {
  at::Tensor keypoints = nobody();
  set_point(keypoints, kBody + 0, 20, 10);
  set_point(keypoints, kBody + 15, 24, 10);
  set_point(keypoints, kBody + 11, 20, 30);
  set_point(keypoints, kBody + 24, 24, 30);
  FewShotDrawer few_shot;
  Drawer vid2vid;
  for (Drawer* draw : {static_cast<Drawer*>(&few_shot), &vid2vid}) draw->set("basic_point_only", true);
  const at::Tensor body = colours_of(few_shot, keypoints), limbs = colours_of(vid2vid, keypoints);
  EXPECT_EQ(at_pixel(body, 21, 10), (Rgb{153, 0, 102}));
  EXPECT_EQ(at_pixel(body, 21, 30), kBlack);
  EXPECT_EQ(at_pixel(limbs, 21, 10), kBlack);
  EXPECT_EQ(at_pixel(limbs, 21, 30), (Rgb{0, 153, 153}));
}

TEST(PoseDraw, TheTallestPersonIsDrawnAlone) {
  const at::Tensor tall = nobody();
  set_point(tall, kBody + 1, 40, 30);
  set_point(tall, kBody + 8, 41.5, 30);
  FewShotDrawer all, tallest;
  tallest.set("people", std::string("tallest"));
  const at::Tensor both = at::cat({dot(), tall}, 1);
  EXPECT_EQ(at_pixel(colours_of(all, both), 20, 20), (Rgb{153, 0, 0}));
  const at::Tensor colours = colours_of(tallest, both);
  EXPECT_EQ(at_pixel(colours, 20, 20), kBlack);
  EXPECT_EQ(at_pixel(colours, 40, 30), (Rgb{153, 0, 0}));
  EXPECT_EQ(colours_of(tallest, at::zeros({1, 0, 3}, at::kDouble)).max().item<int>(), 0);
}

TEST(PoseDraw, KeypointsOfOtherUnitsAreMovedToPixels) {
  // The torso of dot(), in a frame of 60x40: in pixels, in those of a picture twice as large, in fractions.
  const auto torso = [](double x, double y, double wide) {
    const at::Tensor keypoints = nobody();
    set_point(keypoints, kBody + 1, x, y);
    set_point(keypoints, kBody + 8, x + wide, y);
    return keypoints;
  };
  Drawer pixels;
  const at::Tensor wanted = colours_of(pixels, torso(15, 30, 6));
  const auto expect = [&](const at::Tensor& keypoints, const std::optional<int64_t>& scale,
                          const std::optional<Size>& size) {
    Drawer draw;
    if (scale) draw.set("keypoint_scale", *scale);
    if (size) draw.set("keypoint_size", *size);
    EXPECT_TRUE(colours_of(draw, keypoints).equal(wanted));
  };
  expect(torso(15, 30, 6), 0, {});
  expect(torso(30, 60, 12), 1, Size{80, 120});
  expect(torso(7.5, 15, 3), 2, Size{20, 30});
  expect(torso(7.5, 15, 3), {}, Size{20, 30});
  expect(torso(0.25, 0.75, 0.1), 3, {});
  expect(torso(0.25, 0.75, 0.1), {}, {});  // a guess, which is reported
  expect(torso(-0.5, 0.5, 0.2), 4, {});
}

TEST(PoseDraw, RefusesUnitsThatAreNotKnown) {
  const at::Tensor keypoints = nobody();
  set_point(keypoints, kBody + 1, -0.5, 0.5);
  set_point(keypoints, kBody + 8, 0.25, 0.5);
  Drawer draw;
  EXPECT_EQ(error_of([&] { draw.input("keypoints", keypoints).run(); }),
            "all keypoints of the frame are between -0.5 and 0.5, so they are no pixels\n  set keypoint_scale = 4 for "
            "keypoints from -1 to 1, or 3 for keypoints from 0 to 1");
  Drawer without_size;
  without_size.set("keypoint_scale", int64_t{1}).input("keypoints", keypoints);
  EXPECT_EQ(error_of([&] { without_size.shapes(); }),
            "`keypoint_scale` is 1, but `keypoint_size` is not given\n  add the height and width of the picture in "
            "whose pixels the keypoints are: keypoint_size = [368, 656]");
}

}  // namespace
}  // namespace weft::pose
