#include "framework/nn/sequence.h"

#include "framework/nn/conv.h"
#include "framework/testing/values.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/pixel_shuffle.h>
#include <ATen/ops/relu.h>

namespace weft {
namespace {

using ::testing::ElementsAre;

TEST(Sequence, NumbersStepsWithoutTensorsToo) {
  Trial<nn::Sequence> none;
  EXPECT_THAT(none.keys(), ElementsAre());
  nn::Module root;
  nn::Sequence steps(root, "up");
  steps.add<nn::Conv2d>(nn::ConvOptions{.in = 2, .out = 8, .padding = 1})
      .then([](const at::Tensor& x) { return at::pixel_shuffle(x, 2); })
      .then(at::relu)
      .add<nn::Conv2d>(nn::ConvOptions{.in = 2, .out = 3, .kernel = 1, .bias = false});
  std::vector<std::string> keys;
  for (const auto& [key, parameter] : root.tensors()) keys.push_back(key);
  EXPECT_THAT(keys, ElementsAre("up.0.weight", "up.0.bias", "up.3.weight"));

  Draws draw;
  std::vector<at::Tensor> weights;
  for (const auto& [key, parameter] : root.tensors()) {
    weights.push_back(draw(parameter->shape()));
    parameter->set(weights.back());
  }
  const at::Tensor x = draw({1, 2, 3, 4});
  const at::Tensor hidden =
      at::relu(at::pixel_shuffle(at::conv2d(x, weights[0], weights[1], 1, at::IntArrayRef({1, 1})), 2));
  expect_near(steps(x), at::conv2d(hidden, weights[2]), 0);
}

/// The channels of a pixel become a square of pixels, row by row.
TEST(PixelShuffle, TurnsChannelsIntoPixels) {
  const at::Tensor x = at::arange(8).view({1, 4, 1, 2});
  const at::Tensor y = at::pixel_shuffle(x, 2);
  ASSERT_EQ(y.sizes(), at::IntArrayRef({1, 1, 2, 4}));
  EXPECT_THAT(testing::values<int64_t>(y), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
}

}  // namespace
}  // namespace weft
