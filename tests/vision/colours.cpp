#include "framework/vision/colours.h"

#include "framework/testing/error_text.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using ::testing::FloatNear;
using testing::ids_of;
using testing::values;
using vision::class_colours;
using vision::colour_classes;
using vision::colour_flow;
using vision::colour_ids;
using vision::Palette;

std::vector<uint8_t> colour_of(int64_t id, int64_t classes, Palette palette) {
  return values<uint8_t>(class_colours(classes, palette)[id]);
}

TEST(ClassColours, CityscapesHasLabelIdsAndTrainingIds) {
  EXPECT_THAT(colour_of(7, 35, Palette::Automatic), ElementsAre(128, 64, 128));  // road
  EXPECT_THAT(colour_of(26, 35, Palette::Automatic), ElementsAre(0, 0, 142));    // car
  EXPECT_THAT(colour_of(0, 19, Palette::Automatic), ElementsAre(128, 64, 128));
  EXPECT_THAT(colour_of(13, 20, Palette::Cityscapes), ElementsAre(0, 0, 142));
  EXPECT_THAT(colour_of(19, 20, Palette::Automatic), ElementsAre(0, 0, 0));  // void
}

TEST(ClassColours, OtherNumbersTakeTheBitsOfTheId) {
  // 38 = 100110 in binary: red has the bits 0 and 3 (0, 0), green 1 and 4 (1, 0), blue 2 and 5 (1, 1).
  EXPECT_THAT(colour_of(38, 40, Palette::Automatic), ElementsAre(0, 128, 192));
  EXPECT_THAT(colour_of(7, 35, Palette::Bits), ElementsAre(128, 128, 128));
}

TEST(ClassColours, CityscapesHasNoOtherNumbers) {
  EXPECT_EQ(error_text([] { class_colours(21, Palette::Cityscapes); }),
            "the Cityscapes colours are for 35, 20 or 19 classes, not for 21\n"
            "  `palette = \"bits\"` has colours for any number");
}

TEST(ColourIds, GivesTheValuesThatReadersGiveToBytes) {
  const at::Tensor greys = at::arange(256, at::kLong).to(at::kByte).unsqueeze(1).expand({256, 3});
  const at::Tensor drawn = colour_ids(at::arange(256, at::kLong).view({1, 1, 16, 16}), greys);
  EXPECT_EQ(drawn.sizes(), (std::vector<int64_t>{1, 3, 16, 16}));
  const std::vector<float> green = values(drawn.select(1, 1));
  for (size_t byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(green[byte], (static_cast<float>(byte) / 255.0F - 0.5F) / 0.5F);
  }
}

TEST(ColourIds, IdsWithoutAColourAreBlack) {
  const at::Tensor white = at::full({2, 3}, 255, at::kByte);
  EXPECT_THAT(values(colour_ids(ids_of({{-1, 0, 1, 2, 255}}), white).select(1, 0)), ElementsAre(-1, 1, 1, -1, -1));
}

TEST(ColourClasses, TakesTheChannelWithTheLargestValue) {
  const at::Tensor maps = at::tensor({0.1F, 0.7F, 0.2F, 0.3F, 0.2F, 0.5F}).view({1, 3, 1, 2});
  // Pixel 0: 0.1, 0.2, 0.2, where the first of two equals counts; pixel 1: 0.7 in channel 0.
  const std::vector<float> red = values(colour_classes(maps, {}, Palette::Bits).select(1, 0));
  EXPECT_THAT(red, ElementsAre(FloatNear(0.00392157F, 1e-6F), -1));  // 128 and 0
}

at::Tensor flow_of(float x, float y) {
  return at::tensor({x, y}).view({1, 2, 1, 1});
}

TEST(ColourFlow, DirectionIsThePlaceOnTheWheel) {
  const float rounding = 1e-5F;  // of an angle in float
  // Left is in the middle of the 54 steps, 2 after cyan, of 11 that go to blue.
  EXPECT_THAT(values(colour_flow(flow_of(-1, 0), 1)), ElementsAre(-1, FloatNear(2 * 9.0F / 11 - 1, rounding), 1));
  // Down is 13.5: on the way from red to yellow at 15.
  EXPECT_THAT(values(colour_flow(flow_of(0, 1), 1)), ElementsAre(1, FloatNear(2 * 13.5F / 15 - 1, rounding), -1));
  // Up is 40.5: 4.5 of 13 steps from blue to magenta.
  EXPECT_THAT(values(colour_flow(flow_of(0, -1), 1)), ElementsAre(FloatNear(2 * 4.5F / 13 - 1, rounding), -1, 1));
}

TEST(ColourFlow, LengthIsSaturationAndTooLongIsDark) {
  EXPECT_THAT(values(colour_flow(flow_of(0, 0), 1)), ElementsAre(1, 1, 1));
  const std::vector<float> half = values(colour_flow(flow_of(-2, 0), 4));
  EXPECT_NEAR(half[0], 0, 1e-6);  // half way from white to a hue without red
  EXPECT_EQ(half[2], 1);
  EXPECT_NEAR(values(colour_flow(flow_of(-5, 0), 4))[2], 0.5, 1e-6);  // 3/4 of full blue, in [-1, 1]
}

TEST(ColourFlow, WhatIsNotANumberIsBlack) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(values(colour_flow(flow_of(nan, 0), 1)), ElementsAre(-1, -1, -1));
}

}  // namespace
}  // namespace weft
