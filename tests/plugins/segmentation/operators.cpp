#include "plugins/segmentation/operators.h"

#include "framework/testing/values.h"
#include "framework/weights/fill.h"
#include "plugins/segmentation/boxes.h"
#include "plugins/segmentation/masks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::segmentation {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::values;

at::Tensor random_boxes(int64_t count) {
  const at::Tensor corner = (weights::fill_input("corner", {count, 2}) + 1) * 50;
  return at::cat({corner, corner + 2 + (weights::fill_input("size", {count, 2}) + 1) * 20}, 1);
}

TEST(Nms, KeepsTheBestOfBoxesThatOverlap) {
  // Overlaps: the second has 9 of 11 columns in common with the first, the third none.
  const at::Tensor boxes = at::tensor({0.F, 0.F, 10.F, 10.F, 1.F, 0.F, 11.F, 10.F, 20.F, 0.F, 30.F, 10.F}).view({3, 4});
  const at::Tensor scores = at::tensor({0.5F, 0.9F, 0.1F});
  EXPECT_THAT(values(nms(boxes, scores, 0.8)), ElementsAre(1, 2));
  EXPECT_THAT(values(nms(boxes, scores, 0.82)), ElementsAre(1, 0, 2));
  EXPECT_THAT(values(nms(boxes, scores, 0.8, at::tensor({0, 1, 0}, at::kLong))), ElementsAre(1, 0, 2));
}

TEST(Nms, GivesNothingOfNothing) {
  EXPECT_EQ(nms(at::zeros({0, 4}), at::zeros({0}), 0.5).numel(), 0);
  EXPECT_EQ(nms_composed(at::zeros({0, 4}), at::zeros({0}), 0.5).numel(), 0);
}

TEST(Nms, KernelAndCompositionKeepTheSame) {
  const at::Tensor boxes = random_boxes(500), scores = weights::fill_input("scores", {500});
  const at::Tensor groups = at::arange(500, at::kLong) % 3;
  for (const double threshold : {0.0, 0.3, 0.5, 0.7, 1.0}) {
    EXPECT_TRUE(at::equal(nms(boxes, scores, threshold), nms_composed(boxes, scores, threshold))) << threshold;
    EXPECT_TRUE(at::equal(nms(boxes, scores, threshold, groups), nms_composed(boxes, scores, threshold, groups)))
        << threshold;
  }
}

TEST(RoiAlign, OfARampIsTheRampAtTheCentresOfTheBins) {
  // A map whose value is its column: a bin from 2 to 4 has its mean at 3.
  const at::Tensor map = at::arange(16, at::kFloat).expand({1, 2, 16, 16}).contiguous();
  const at::Tensor rois = at::tensor({0.F, 2.F, 2.F, 6.F, 6.F}).view({1, 5});
  const at::Tensor out = roi_align(map, rois, {.height = 2, .width = 2});
  EXPECT_THAT(values(out.select(3, 0)), Each(3));
  EXPECT_THAT(values(out.select(3, 1)), Each(5));
}

TEST(RoiAlign, KernelAndCompositionAgree) {
  const at::Tensor map = weights::fill_input("map", {2, 7, 30, 40});
  const at::Tensor index = (at::arange(60, at::kFloat) % 2).unsqueeze(1);
  const at::Tensor rois = at::cat({index, random_boxes(60) * 2 - 30}, 1);  // some reach out of the map
  for (const bool aligned : {false, true}) {
    for (const int64_t samples : {-1, 0, 1, 2, 3}) {
      const RoiAlignOptions options = {3, 5, 0.4, samples, aligned};
      const at::Tensor difference = roi_align(map, rois, options) - roi_align_composed(map, rois, options);
      EXPECT_LT(difference.abs().max().item<double>(), 1e-4) << samples;  // positions are rounded in another way
    }
  }
  EXPECT_EQ(roi_align(map, at::zeros({0, 5}), {}).sizes(), (std::vector<int64_t>{0, 7, 7, 7}));
}

TEST(Boxes, DecodingUndoesEncoding) {
  const at::Tensor boxes = random_boxes(20), reference = random_boxes(20).flip({0});
  const BoxCoder coder = {.weights = {10, 10, 5, 5}};
  const at::Tensor decoded = coder.decode(coder.encode(boxes, reference), reference).squeeze(1);
  EXPECT_LT((decoded - boxes).abs().max().item<double>(), 1e-3);  // of numbers up to 140, through a logarithm
}

TEST(Masks, CoverWhatTheirBoxesCover) {
  const at::Tensor boxes = at::tensor({2.F, 3.F, 8.F, 7.F, 90.F, 90.F, 99.F, 99.F}).view({2, 4});
  const at::Tensor pasted = pasted_masks(at::ones({2, 1, 28, 28}), boxes, {10, 12});
  EXPECT_THAT(values(pasted[0][0].slice(0, 3, 7).slice(1, 2, 8)), Each(::testing::Gt(0.4)));
  EXPECT_EQ(pasted[0][0].select(1, 11).sum().item<double>(), 0);
  EXPECT_EQ(pasted[1].sum().item<double>(), 0);  // outside of the image
}

}  // namespace
}  // namespace weft::segmentation
