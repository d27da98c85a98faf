#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

TEST(ImageNoise, HasTheDeviation) {
  NodeRunner noise("image.noise");
  noise.set("deviation", 0.1).input("in", at::zeros({1, 3, 100, 100}));
  const at::Tensor first = noise.run().tensor("noisy");
  // Of 30,000 numbers the mean deviates by 0.0006, and the deviation by 0.0004.
  EXPECT_NEAR(first.mean().item<double>(), 0, 0.003);
  EXPECT_NEAR(first.std().item<double>(), 0.1, 0.003);
  EXPECT_FALSE(first.equal(noise.run().tensor("noisy"))) << "each frame has noise of its own";
}

TEST(ImageNoise, IsTheSameForTheSameSeedAndFrame) {
  NodeRunner one("image.noise"), two("image.noise");
  one.input("in", at::zeros({1, 3, 4, 5}));
  two.input("in", at::zeros({1, 3, 4, 5}));
  for (int t = 0; t < 3; ++t) EXPECT_TRUE(one.run().tensor("noisy").equal(two.run().tensor("noisy")));
}

TEST(ImageNoise, StaysAnImage) {
  NodeRunner noise("image.noise");
  const at::Tensor noisy = noise.set("deviation", 3.0).input("in", at::full({1, 3, 8, 8}, 0.9)).run().tensor("noisy");
  EXPECT_EQ(noisy.max().item<float>(), 1);
  EXPECT_EQ(noisy.min().item<float>(), -1);
}

}  // namespace
}  // namespace weft
