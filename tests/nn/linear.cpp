#include "framework/nn/linear.h"

#include "tests/nn/layer_trial.h"

#include <ATen/ops/addmm.h>

namespace weft {
namespace {

using ::testing::ElementsAre;

TEST(Linear, ComputesWhatLibTorchDoes) {
  Trial<nn::Linear> linear(nn::LinearOptions{.in = 3, .out = 5});
  EXPECT_THAT(linear.keys(), ElementsAre("weight [5, 3]", "bias [5]"));
  const at::Tensor x = linear.draw({4, 3});
  expect_near((*linear)(x), at::addmm(linear["bias"], x, linear["weight"].t()));
  EXPECT_EQ((*linear)(linear.draw({2, 4, 3})).sizes(), at::IntArrayRef({2, 4, 5}));
  expect_gradients({x, linear["weight"], linear["bias"]}, [&] { return (*linear)(x); });
}

TEST(Linear, BiasIsLeftOutWhereItIsNotWanted) {
  EXPECT_THAT(Trial<nn::Linear>(nn::LinearOptions{.in = 3, .out = 5, .bias = false}).keys(),
              ElementsAre("weight [5, 3]"));
}

}  // namespace
}  // namespace weft
