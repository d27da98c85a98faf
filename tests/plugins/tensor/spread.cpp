#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;
using testing::values;

TEST(TensorSpread, HasTheSizeOfTheOtherMap) {
  NodeRunner node("tensor.spread");
  node.set("scale", 4.0).input("in", at::scalar_tensor(0.25)).input("like", at::zeros({2, 5, 3, 4}));
  const at::Tensor map = node.run().tensor("map");
  EXPECT_EQ(map.sizes(), (std::vector<int64_t>{2, 1, 3, 4}));
  EXPECT_THAT(values(map), ::testing::Each(1));
}

}  // namespace
}  // namespace weft
