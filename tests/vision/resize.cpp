#include "framework/vision/resize.h"

#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::ids_of;
using testing::map_of;
using testing::values;
using vision::Filter;
using vision::resize;
using vision::resize_pil;

/// One row of bytes, [1, W].
at::Tensor bytes(const std::vector<int64_t>& row) {
  return ids_of({row})[0][0].to(at::kByte);
}

TEST(ResizePil, BilinearWeighsATriangleThatIsAsWideAsTheReduction) {
  // Halving: 3/4, 3/4, 1/4 over their sum at the border, so (0 + 52.5 + 35) / 1.75 and (17.5 + 105 + 157.5)
  // / 1.75.
  EXPECT_THAT(values<uint8_t>(resize_pil(bytes({0, 70, 140, 210}), 1, 2, Filter::Bilinear)), ElementsAre(50, 160));
}

TEST(ResizePil, BicubicOvershootsAndIsCutOffAtBlackAndWhite) {
  // Keys' cubic with a = -0.5 a quarter of a pixel beside the step gives 255 * 0.203125 = 51.8, before it
  // -17.5.
  EXPECT_THAT(values<uint8_t>(resize_pil(bytes({0, 0, 255, 255}), 1, 8, Filter::Bicubic)),
              ElementsAre(0, 0, 0, 52, 203, 255, 255, 255));
}

TEST(ResizePil, NearestTakesThePixelBelowTheCentre) {
  EXPECT_THAT(values<uint8_t>(resize_pil(bytes({10, 11, 12, 13, 14}), 1, 2, Filter::Nearest)), ElementsAre(11, 13));
  EXPECT_THAT(values<uint8_t>(resize_pil(bytes({10, 11}), 1, 5, Filter::Nearest)), ElementsAre(10, 10, 11, 11, 11));
  const at::Tensor ids = ids_of({{26001, -1}, {7, 24002}})[0][0];
  EXPECT_THAT(values<int64_t>(resize_pil(ids, 1, 2, Filter::Nearest)), ElementsAre(7, 24002));
}

TEST(ResizePil, RoundsToBytesBetweenRowsAndColumns) {
  const at::Tensor image = at::stack({bytes({0, 1})[0], bytes({0, 0})[0]});
  // (0 + 1) / 2 = 0.5 becomes 1, then (1 + 0) / 2 = 0.5 becomes 1; the mean of all is 0.25.
  EXPECT_THAT(values<uint8_t>(resize_pil(image, 1, 1, Filter::Bilinear)), ElementsAre(1));
}

TEST(ResizePil, KeepsChannelsApart) {
  const at::Tensor image = at::arange(4 * 6 * 3, at::kLong).to(at::kByte).view({4, 6, 3});
  for (const Filter filter : {Filter::Bilinear, Filter::Bicubic, Filter::Nearest}) {
    const at::Tensor resized = resize_pil(image, 3, 5, filter);
    ASSERT_EQ(resized.sizes(), (std::vector<int64_t>{3, 5, 3}));
    for (int64_t c = 0; c < 3; ++c) {
      EXPECT_EQ(values<uint8_t>(resized.select(2, c)),
                values<uint8_t>(resize_pil(image.select(2, c).contiguous(), 3, 5, filter)));
    }
  }
}

TEST(ResizePil, OneColourStaysWhatItIs) {
  const at::Tensor grey = at::full({7, 5, 3}, 77, at::kByte);
  for (const Filter filter : {Filter::Bilinear, Filter::Bicubic, Filter::Nearest}) {
    EXPECT_THAT(values<uint8_t>(resize_pil(grey, 1, 13, filter)), Each(77));
    EXPECT_THAT(values<uint8_t>(resize_pil(grey, 29, 2, filter)), Each(77));
  }
}

TEST(Resize, FiltersAreThoseOfPicturesWithoutRounding) {
  const at::Tensor row = map_of({{0, 70, 140, 210}});
  // Float arithmetic on numbers below 256.
  EXPECT_THAT(values(resize(row, 1, 2, Filter::Bilinear)),
              ElementsAre(::testing::FloatNear(50, 1e-4F), ::testing::FloatNear(160, 1e-4F)));
  const std::vector<float> step = values(resize(map_of({{0, 0, 1, 1}}), 1, 8, Filter::Bicubic));
  EXPECT_NEAR(step[2], -0.0703125 / 1.0234375, 1e-6);
  EXPECT_NEAR(step[3], 0.203125, 1e-6);
}

TEST(Resize, NearestTakesIdsAndEveryOtherType) {
  EXPECT_THAT(values<int64_t>(resize(ids_of({{1, 2}, {3, 4}}), 2, 4, Filter::Nearest)),
              ElementsAre(1, 1, 2, 2, 3, 3, 4, 4));
  const at::Tensor halves = map_of({{1, 2, 3, 4}}).to(at::kBFloat16);
  EXPECT_EQ(resize(halves, 1, 2, Filter::Nearest).scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(resize(halves, 1, 2, Filter::Nearest)), ElementsAre(2, 4));
}

TEST(Resize, ComputesInFloatAndGivesTheTypeOfTheInput) {
  const at::Tensor row = map_of({{0, 70, 140, 210}}).to(at::kBFloat16);
  const at::Tensor resized = resize(row, 1, 2, Filter::Bilinear);
  EXPECT_EQ(resized.scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(resized), ElementsAre(50, 160));  // both have few enough bits
}

TEST(Resize, GradientsGoThrough) {
  const at::Tensor row = map_of({{0, 70, 140, 210}}).requires_grad_();
  resize(row, 1, 2, Filter::Bilinear).select(3, 0).sum().backward();
  const std::vector<float> gradient = values(row.grad());
  EXPECT_NEAR(gradient[0], 0.75 / 1.75, 1e-6);
  EXPECT_NEAR(gradient[2], 0.25 / 1.75, 1e-6);
  EXPECT_EQ(gradient[3], 0);
}

}  // namespace
}  // namespace weft
