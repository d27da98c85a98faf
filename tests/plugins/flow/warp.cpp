#include "framework/testing/node_runner.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

at::Tensor constant_flow(double x, double y, int64_t height, int64_t width) {
  return at::stack({at::full({1, height, width}, x), at::full({1, height, width}, y)}, 1);
}

TEST(FlowWarp, MovesByWholePixelsAndRepeatsTheBorder) {
  const at::Tensor image = at::arange(20, at::kFloat).view({1, 1, 4, 5});
  const at::Tensor warped =
      NodeRunner("flow.warp").input("image", image).input("flow", constant_flow(1, 0, 4, 5)).run().tensor("warped");
  for (int64_t y = 0; y < 4; ++y) {
    for (int64_t x = 0; x < 5; ++x) {
      // A shift by one reads the pixel to the right; the last column repeats. Float grids round at 1e-6 of a pixel.
      EXPECT_NEAR(warped[0][0][y][x].item<float>(), image[0][0][y][std::min<int64_t>(x + 1, 4)].item<float>(), 1e-4);
    }
  }
}

TEST(FlowWarp, ReadsBetweenPixelsLinearly) {
  const at::Tensor image = at::arange(20, at::kFloat).view({1, 1, 4, 5});
  const at::Tensor warped =
      NodeRunner("flow.warp").input("image", image).input("flow", constant_flow(0.5, 1, 4, 5)).run().tensor("warped");
  EXPECT_NEAR(warped[0][0][1][2].item<float>(), 12.5F, 1e-4);  // half way between pixels 12 and 13 of the row below
}

TEST(FlowWarp, BicubicIsCubicConvolutionWithinTheImagesRange) {
  const at::Tensor image = at::arange(48, at::kFloat).view({1, 1, 6, 8}).remainder(8).square();
  const at::Tensor warped = NodeRunner("flow.warp")
                                .set("filter", "bicubic")
                                .input("image", image)
                                .input("flow", constant_flow(0.5, 0, 6, 8))
                                .run()
                                .tensor("warped");
  // Half way the weights are a/8, 1/2 - a/8 on each side, with a = -0.75; rows are squares of columns.
  EXPECT_NEAR(warped[0][0][2][3].item<float>(), -0.09375 * (4 + 25) + 0.59375 * (9 + 16), 1e-3);
  at::Tensor step = at::zeros({1, 1, 6, 8});
  step.slice(3, 4).fill_(1);
  const at::Tensor at_step = NodeRunner("flow.warp")
                                 .set("filter", "bicubic")
                                 .input("image", step)
                                 .input("flow", constant_flow(0.5, 0, 6, 8))
                                 .run()
                                 .tensor("warped");
  EXPECT_EQ(at_step.min().item<float>(), 0) << "no overshoot";
  EXPECT_EQ(at_step.max().item<float>(), 1);
}

/// 300 times a third of a pixel along a wave, and as often back: bilinear sampling flattens it, bicubic lets it grow.
TEST(FlowWarp, SteadySamplingNeitherFlattensNorGrows) {
  const auto amplitude_after = [](const char* filter) {
    at::Tensor image =
        at::arange(48, at::kFloat).mul(2 * 3.14159265 / 16).sin().mul(0.1).expand({1, 1, 16, 48}).clone();
    image[0][0][0][0] = 1;  // room for what grows
    image[0][0][15][0] = -1;
    for (int i = 0; i < 300; ++i) {
      image = NodeRunner("flow.warp")
                  .set("filter", filter)
                  .input("image", image)
                  .input("flow", constant_flow(i % 2 == 0 ? 1.0 / 3 : -1.0 / 3, 0, 16, 48))
                  .run()
                  .tensor("warped");
      image[0][0][0][0] = 1;
      image[0][0][15][0] = -1;
    }
    return image.slice(2, 6, 10).slice(3, 16, 32).abs().max().item<float>();
  };
  EXPECT_LT(amplitude_after("bilinear"), 0.01F);
  EXPECT_GT(amplitude_after("bicubic"), 0.2F);
  EXPECT_GT(amplitude_after("steady"), 0.06F);
  EXPECT_LE(amplitude_after("steady"), 0.1001F);
}

TEST(FlowWarp, RefusesAnotherSize) {
  NodeRunner warp("flow.warp");
  warp.input("image", at::zeros({1, 3, 4, 5})).input("flow", at::zeros({1, 2, 4, 6}));
  try {
    warp.run();
    FAIL() << "sizes differ";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "input `flow` wants flow[B,2,H,W], but W is 5 elsewhere and 6 here");
  }
}

}  // namespace
}  // namespace weft
