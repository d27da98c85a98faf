#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::NodeRunner;
using testing::values;

TEST(TensorCoordinates, RunFromBorderToBorder) {
  NodeRunner node("tensor.coordinates");
  node.input("like", at::zeros({2, 5, 2, 3}));
  const at::Tensor map = node.run().tensor("map");
  EXPECT_EQ(map.sizes(), (std::vector<int64_t>{2, 2, 2, 3}));
  for (int64_t item = 0; item < 2; ++item) {
    EXPECT_THAT(values(map[item][0]), ElementsAre(-1, 0, 1, -1, 0, 1));
    EXPECT_THAT(values(map[item][1]), ElementsAre(-1, -1, -1, 1, 1, 1));
  }
}

TEST(TensorCoordinates, OfIdsAreNumbersWithAPoint) {
  NodeRunner node("tensor.coordinates");
  node.input("like", at::zeros({1, 1, 1, 2}, at::kLong));
  EXPECT_EQ(node.run().tensor("map").scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace weft
