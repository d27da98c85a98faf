#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/tensor.h>
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

/// A box for each sample, by its first corner.
at::Tensor boxes(const std::vector<std::pair<float, float>>& corners) {
  std::vector<float> numbers;
  for (const auto& [x, y] : corners) numbers.insert(numbers.end(), {x, y, 1, x + 2, y + 2, 1});
  return at::tensor(numbers).view({-1, 2, 3});
}

TEST(ImageCut, CutsEachSampleAtItsOwnPlace) {
  const at::Tensor map = map_of({{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}});
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{2, 2})
      .input("map", at::cat({map, map * 10}))
      .input("box", boxes({{1, 0}, {2, 1}}));
  EXPECT_THAT(values(cut.run().tensor("part")), ElementsAre(2, 3, 6, 7, 70, 80, 110, 120));
}

TEST(ImageCut, MovesABoxThatSticksOutIntoTheMap) {
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{1, 2})
      .input("map", map_of({{1, 2, 3}, {4, 5, 6}}))
      .input("box", boxes({{9, -3}}));
  EXPECT_THAT(values(cut.run().tensor("part")), ElementsAre(2, 3));
}

TEST(ImageCut, GradientsGoBackIntoThePixelsThatWereCutOut) {
  const at::Tensor map = map_of({{1, 2, 3}, {4, 5, 6}}).requires_grad_();
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{1, 2}).input("map", map).input("box", boxes({{0, 1}}));
  cut.run().tensor("part").sum().backward();
  EXPECT_THAT(values(map.grad()), ElementsAre(0, 0, 0, 1, 1, 0));
}

TEST(ImageCut, CutsIdsToo) {
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{1, 1}).input("map", ids_of({{7, 8}})).input("box", boxes({{1, 0}}));
  EXPECT_EQ(cut.run().tensor("part").item<int64_t>(), 8);
}

TEST(ImageCut, CutsAtAFixedCorner) {
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{2, 2}).set("corner", std::vector<int64_t>{0, 1});
  cut.input("map", map_of({{1, 2, 3, 4}, {5, 6, 7, 8}, {9, 10, 11, 12}}));
  EXPECT_THAT(values(cut.run().tensor("part")), ElementsAre(2, 3, 6, 7));
}

TEST(ImageCut, MovesAFixedCornerIntoTheMap) {
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{1, 2}).set("corner", std::vector<int64_t>{7, 2});
  EXPECT_THAT(values(cut.input("map", map_of({{1, 2, 3}, {4, 5, 6}})).run().tensor("part")), ElementsAre(5, 6));
}

TEST(ImageCut, RefusesNoCornerAndTwo) {
  NodeRunner neither("image.cut"), both("image.cut");
  neither.set("size", std::vector<int64_t>{1, 1}).input("map", map_of({{1, 2, 3}}));
  EXPECT_EQ(error_text([&] { neither.run(); }),
            "image.cut has neither a `box` nor a `corner` to begin at\n  wire its input `box`, for parts that move, or "
            "set `corner`, as in corner = [216, 0]");
  both.set("size", std::vector<int64_t>{1, 1}).set("corner", std::vector<int64_t>{0, 0});
  both.input("map", map_of({{1, 2, 3}})).input("box", boxes({{0, 0}}));
  EXPECT_THAT(error_text([&] { both.run(); }), ::testing::StartsWith("image.cut has both a `box` and a `corner`"));
}

TEST(ImageCut, RefusesAMapThatIsTooSmall) {
  NodeRunner cut("image.cut");
  cut.set("size", std::vector<int64_t>{3, 2})
      .input("map", map_of({{1, 2, 3}, {4, 5, 6}}))
      .input("box", boxes({{0, 0}}));
  EXPECT_EQ(error_text([&] { cut.run(); }), "image.cut cuts 3x2 pixels out, but the map has a height of 2");
}

}  // namespace
}  // namespace weft
