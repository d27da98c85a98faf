#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
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

TEST(ImageHalf, TakesMeansAroundEverySecondPixelAndCountsOnlyWhatIsThere) {
  const at::Tensor map = at::arange(16, at::kFloat).view({1, 1, 4, 4});
  // Of 4, 6, 6 and 9 pixels: (0+1+4+5)/4, (1+2+3+5+6+7)/6, (4+5+8+9+12+13)/6, (5+6+7+9+10+11+13+14+15)/9.
  EXPECT_THAT(values(NodeRunner("image.half").input("in", map).run().tensor("half")), ElementsAre(2.5, 4, 8.5, 10));
}

TEST(ImageHalf, TakesMeansOfFourPixelsWithTheWindow2) {
  const at::Tensor map = at::arange(16, at::kFloat).view({1, 1, 4, 4});
  NodeRunner node("image.half");
  node.set("window", int64_t{2}).input("in", map);
  EXPECT_THAT(values(node.run().tensor("half")), ElementsAre(2.5, 4.5, 10.5, 12.5));
}

TEST(ImageHalf, HalvesAOneHotMapOfWhichThereAreOnlyIds) {
  // Nine classes, one of which no pixel has, and edges; the ids 9 and 1 are neither.
  const at::Tensor ids = at::arange(48, at::kLong).view({1, 1, 6, 8}) * 7 % 10;
  const at::Tensor both = at::cat({ids.masked_fill(ids == 4, 9), (ids > 3).to(at::kLong)}, 1).to(at::kShort);
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    const nn::MapOrIds map(std::make_shared<const nn::OneHot>(both, std::vector<int64_t>{9, 1}, type));
    for (const int64_t window : {2, 3}) {
      NodeRunner by_ids("image.half"), of_map("image.half");
      by_ids.set("window", window).input("in", map).run();
      of_map.set("window", window).input("in", map.map()).run();
      EXPECT_EQ(by_ids.tensor("half").scalar_type(), type);
      EXPECT_EQ(values(by_ids.tensor("half")), values(of_map.tensor("half")));
    }
  }
}

TEST(ImageHalf, HalvesEveryChannelInItsOwnType) {
  const at::Tensor map = at::zeros({2, 5, 6, 8}, at::kBFloat16).fill_(0.5);
  const at::Tensor half = NodeRunner("image.half").input("in", map).run().tensor("half");
  EXPECT_EQ(half.sizes(), (std::vector<int64_t>{2, 5, 3, 4}));
  EXPECT_EQ(half.scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(half), ::testing::Each(0.5));
}

TEST(ImageHalf, GradientsAreSharedAmongThePixelsOfAMean) {
  const at::Tensor map = at::zeros({1, 1, 4, 4}).requires_grad_();
  NodeRunner("image.half").input("in", map).run().tensor("half").sum().backward();
  EXPECT_FLOAT_EQ(map.grad()[0][0][0][0].item<float>(), 1.0F / 4);
  EXPECT_FLOAT_EQ(map.grad()[0][0][1][1].item<float>(), 1.0F / 4 + 1.0F / 6 + 1.0F / 6 + 1.0F / 9);
  EXPECT_FLOAT_EQ(map.grad()[0][0][3][2].item<float>(), 1.0F / 9);
}

TEST(ImageHalf, RefusesOddSizes) {
  NodeRunner half("image.half");
  half.input("in", map_of({{1, 2}, {3, 4}, {5, 6}}));
  EXPECT_EQ(error_text([&] { half.run(); }),
            "image.half needs an even height and width, but got [1, 1, 3, 2]\n  bring the input to a multiple of 32 "
            "where it is read, or with image.resize");
}

TEST(ImageHalf, RefusesIds) {
  NodeRunner half("image.half");
  half.input("in", ids_of({{1, 2}, {3, 4}}));
  EXPECT_EQ(error_text([&] { half.run(); }),
            "image.half computes means, but its input holds ids, which have none\n  image.resize with factor = 0.5 and "
            "method = \"nearest\" halves labels and instances");
}

}  // namespace
}  // namespace weft
