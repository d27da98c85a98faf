#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

TEST(ImageBlend, MaskSaysHowMuchOfTheNewFrameIsSeen) {
  const at::Tensor under = map_of({{-1, -1, -1}}), over = map_of({{1, 1, 1}}), mask = map_of({{0, 0.25, 1}});
  const at::Tensor blended =
      NodeRunner("image.blend").input("under", under).input("over", over).input("mask", mask).run().tensor("blended");
  EXPECT_THAT(values(blended), ElementsAre(-1, -0.5, 1));
}

TEST(ImageBlend, OneMaskServesAllChannels) {
  const at::Tensor over = at::cat({at::full({1, 1, 1, 2}, 4.0), at::full({1, 1, 1, 2}, 8.0)}, 1);
  NodeRunner blend("image.blend");
  blend.input("under", at::zeros({1, 2, 1, 2})).input("over", over).input("mask", map_of({{0.5, 0.75}}));
  EXPECT_THAT(values(blend.run().tensor("blended")), ElementsAre(2, 3, 4, 6));
}

TEST(ImageBlend, HasTheTypeOfTheNewFrame) {
  NodeRunner blend("image.blend");
  blend.input("under", map_of({{0}})).input("over", map_of({{8}}).to(at::kBFloat16)).input("mask", map_of({{0.5}}));
  EXPECT_EQ(blend.run().tensor("blended").scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(blend.tensor("blended")), ElementsAre(4));
}

TEST(ImageBlend, GradientsReachAllThree) {
  const at::Tensor under = map_of({{3}}).requires_grad_(), over = map_of({{5}}).requires_grad_();
  const at::Tensor mask = map_of({{0.25}}).requires_grad_();
  NodeRunner blend("image.blend");
  blend.input("under", under).input("over", over).input("mask", mask).run().tensor("blended").sum().backward();
  EXPECT_THAT(values(under.grad()), ElementsAre(0.75));
  EXPECT_THAT(values(over.grad()), ElementsAre(0.25));
  EXPECT_THAT(values(mask.grad()), ElementsAre(2));  // over - under
}

TEST(ImageBlend, LetsTheNewFramePassWhenBypassed) {
  EXPECT_EQ(NodeRunner("image.blend").spec().passes.at("blended"), "over");
}

TEST(ImageBlend, RefusesAMaskOfThreeChannels) {
  NodeRunner blend("image.blend");
  for (const char* port : {"under", "over", "mask"}) blend.input(port, at::zeros({1, 3, 2, 2}));
  EXPECT_EQ(error_text([&] { blend.run(); }), "input `mask` wants mask[B,1,H,W], but dimension 1 is 3");
}

}  // namespace
}  // namespace weft
