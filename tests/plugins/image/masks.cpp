#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

TEST(ImageInvert, LeavesOutWhatTheMaskHas) {
  EXPECT_THAT(values(NodeRunner("image.invert").input("in", map_of({{0, 0.25, 1}})).run().tensor("mask")),
              ElementsAre(1, 0.75, 0));
}

TEST(ImageLikeness, FallsWithTheMeanDifferenceOfTheChannels) {
  at::Tensor a = at::zeros({1, 3, 1, 2});
  a.select(1, 0).select(2, 1).fill_(0.75F);  // the mean over three channels is 0.25
  NodeRunner node("image.likeness");
  const at::Tensor mask = node.input("a", a).input("b", at::zeros({1, 3, 1, 2})).run().tensor("mask");
  EXPECT_FLOAT_EQ(mask[0][0][0][0].item<float>(), 1);
  EXPECT_NEAR(mask[0][0][0][1].item<float>(), std::exp(-1.0), 1e-6);
  const at::Tensor less = node.input("where", at::full({1, 1, 1, 2}, 0.5)).run().tensor("mask");
  EXPECT_NEAR(less[0][0][0][1].item<float>(), 0.5 * std::exp(-1.0), 1e-6);
}

TEST(ImageFixedMask, HasOneValueInTheSizeOfAnotherMask) {
  NodeRunner node("image.fixed_mask");
  EXPECT_THAT(values(node.set("value", 0.25).input("in", map_of({{0, 1, 0.5}})).run().tensor("mask")),
              ElementsAre(0.25, 0.25, 0.25));
  NodeRunner wrong("image.fixed_mask");
  EXPECT_THAT(testing::error_text([&] { wrong.set("value", 1.5).input("in", map_of({{0}})).run(); }),
              ::testing::HasSubstr("`value`"));
}

TEST(ImageBinaryMask, IsOneFromTheThresholdOnAndPassesGradients) {
  const at::Tensor mask = map_of({{0, 0.49, 0.5, 1}}).requires_grad_();
  NodeRunner node("image.binary_mask");
  const at::Tensor binary = node.input("in", mask).run().tensor("mask");
  EXPECT_THAT(values(binary.detach()), ElementsAre(0, 0, 1, 1));
  (binary * map_of({{1, 2, 3, 4}})).sum().backward();
  EXPECT_THAT(values(mask.grad()), ElementsAre(1, 2, 3, 4));
}

}  // namespace
}  // namespace weft
