#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

TEST(TensorDetach, KeepsTheValuesAndStopsTheGradient) {
  const at::Tensor learnt = map_of({{3, 5}}).requires_grad_();
  NodeRunner detach("tensor.detach");
  const at::Tensor target = detach.input("in", learnt * 2).run().tensor("detached");
  EXPECT_THAT(values(target), ElementsAre(6, 10));
  EXPECT_FALSE(target.requires_grad());
  EXPECT_TRUE(detach.spec().stops_gradients);
}

TEST(TensorDetach, TakesAnyNumberOfDimensions) {
  const at::Tensor points = map_of({{1, 2, 1}}).squeeze(0);
  EXPECT_EQ(NodeRunner("tensor.detach").input("in", points).run().tensor("detached").sizes(), points.sizes());
}

TEST(TensorDetach, RefusesToRunWithNothingWired) {
  NodeRunner detach("tensor.detach");
  EXPECT_EQ(error_text([&] { detach.run(); }), "tensor.detach: nothing is wired to the input `in`");
}

}  // namespace
}  // namespace weft
