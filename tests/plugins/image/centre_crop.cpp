#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

struct Crop : NodeRunner {
  Crop(int64_t height, int64_t width) : NodeRunner("image.centre_crop") {
    set("size", std::vector<int64_t>{height, width});
  }
};

TEST(ImageCentreCrop, LeavesOutTheSameOnBothSides) {
  const at::Tensor map = map_of({{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}});
  Crop crop(1, 2);
  EXPECT_THAT(values(crop.input("map", at::cat({map, map * 10})).run().tensor("crop")), ElementsAre(6, 7, 60, 70));
}

TEST(ImageCentreCrop, LeavesOutOneMoreAtTheBottomAndOnTheRight) {
  Crop crop(1, 2);
  EXPECT_THAT(values(crop.input("map", map_of({{1, 2, 3}, {4, 5, 6}})).run().tensor("crop")), ElementsAre(1, 2));
}

TEST(ImageCentreCrop, KeepsAMapOfThatSizeAsItIs) {
  Crop crop(2, 2);
  EXPECT_THAT(values(crop.input("map", ids_of({{1, 2}, {3, 4}})).run().tensor("crop")), ElementsAre(1, 2, 3, 4));
}

TEST(ImageCentreCrop, GradientsGoBackIntoThePixelsThatAreLeft) {
  const at::Tensor map = map_of({{1, 2, 3}, {4, 5, 6}, {7, 8, 9}}).requires_grad_();
  Crop crop(1, 1);
  crop.input("map", map).run().tensor("crop").sum().backward();
  EXPECT_THAT(values(map.grad()), ElementsAre(0, 0, 0, 0, 1, 0, 0, 0, 0));
}

TEST(ImageCentreCrop, RefusesAMapThatIsTooSmall) {
  Crop crop(2, 4);
  crop.input("map", map_of({{1, 2, 3}, {4, 5, 6}}));
  EXPECT_EQ(error_text([&] { crop.run(); }), "image.centre_crop crops to 2x4 pixels, but the map has a width of 3");
}

}  // namespace
}  // namespace weft
