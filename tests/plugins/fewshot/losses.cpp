#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

/// A DensePose map of background with the part `part` in rows 8 to 15 and columns 16 to 23.
at::Tensor pose_map(int64_t part) {
  at::Tensor map = at::full({1, 3, 64, 64}, -1.0);
  map.select(1, 2).slice(1, 8, 16).slice(2, 16, 24).fill_(static_cast<double>(part) / 24 * 2 - 1);
  return map;
}

TEST(PoseMasks, GroupPartsAndTakeTheHeadAway) {
  NodeRunner masks("fewshot.pose_masks");
  masks.input("s", pose_map(23)).run();
  EXPECT_EQ(masks.tensor("face").sum().item<float>(), 64);
  EXPECT_EQ(masks.tensor("parts").select(1, 8).sum().item<float>(), 64);
  EXPECT_EQ(masks.tensor("parts").select(1, 0).sum().item<float>(), 64 * 64 - 64);
  EXPECT_EQ(masks.tensor("foreground").sum().item<float>(), 22 * 15 + 22 * 7) << "seven pixels around";
  EXPECT_EQ(masks.tensor("without_face").max().item<float>(), -1);
}

TEST(FaceBox, FollowsTheHeadAndHasAPlaceWithoutOne) {
  NodeRunner box("fewshot.face_box");
  box.input("s", pose_map(24)).run();
  // Rows 8 to 15, columns 16 to 23: the smallest side, 32, around (19, 16), where it fits.
  EXPECT_THAT(values(box.tensor("box")), ElementsAre(3, 0, 1, 35, 32, 1));
  NodeRunner none("fewshot.face_box");
  none.input("s", pose_map(3)).run();
  EXPECT_THAT(values(none.tensor("box")), ElementsAre(24, 8, 0, 40, 24, 0));
}

TEST(FaceCrop, TakesTheNearestPixels) {
  NodeRunner crop("fewshot.face_crop");
  const at::Tensor map = at::arange(16, at::kFloat).view({1, 1, 4, 4});
  const at::Tensor box = at::zeros({1, 2, 3});
  box.select(1, 1).fill_(4);
  crop.set("size", int64_t{2}).input("map", map).input("box", box).run();
  EXPECT_THAT(values(crop.tensor("crop")), ElementsAre(0, 2, 8, 10));
}

TEST(MaskLoss, IsTheMaskWhereTheWarpedPictureIsRight) {
  NodeRunner loss("fewshot.mask_loss");
  loss.input("mask", at::full({1, 1, 2, 2}, 0.25)).input("warped", at::zeros({1, 3, 2, 2}));
  EXPECT_FLOAT_EQ(loss.input("real", at::zeros({1, 3, 2, 2})).run().tensor("value").item<float>(), 0.25F);
  NodeRunner wrong("fewshot.mask_loss");
  wrong.input("mask", at::full({1, 1, 2, 2}, 0.25)).input("warped", at::zeros({1, 3, 2, 2}));
  EXPECT_FLOAT_EQ(wrong.input("real", at::full({1, 3, 2, 2}, 1.0)).run().tensor("value").item<float>(), 0.75F);
}

TEST(PoseMaskLoss, WantsTheExampleAtTheFaceAndNewPixelsBesideTheBody) {
  NodeRunner loss("fewshot.pose_mask_loss");
  const at::Tensor none = at::zeros({1, 1, 2, 2}), all = none + 1, parts = at::zeros({1, 9, 2, 2});
  loss.input("mask", none + 0.25).input("face", all).input("foreground", none).input("example_foreground", all);
  loss.input("parts", parts).input("warped_parts", parts + 1).run();
  EXPECT_FLOAT_EQ(loss.tensor("value").item<float>(), 0.25F + 0.75F + 9 * 0.75F);
}

TEST(PoseMasks, RefuseAMapOfTwoChannels) {
  NodeRunner masks("fewshot.pose_masks");
  masks.input("s", at::zeros({1, 2, 8, 8}));
  EXPECT_EQ(error_text([&] { masks.run(); }),
            "fewshot.pose_masks reads the first three channels, but there are 2\n  wire a map that begins with that of "
            "pose.densepose to it");
}

}  // namespace
}  // namespace weft
