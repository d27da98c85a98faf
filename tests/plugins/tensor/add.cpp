#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

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

TEST(TensorAdd, AddsInTheTypeOfTheFirst) {
  NodeRunner add("tensor.add");
  add.input("a", map_of({{1, -0.5}})).input("b", map_of({{0.25, 0.5}}).to(at::kBFloat16));
  EXPECT_THAT(values(add.run().tensor("sum")), ElementsAre(1.25, 0));
  EXPECT_EQ(add.tensor("sum").scalar_type(), at::kFloat);
}

TEST(TensorAdd, RefusesIds) {
  NodeRunner add("tensor.add");
  add.input("a", map_of({{1}})).input("b", at::zeros({1, 1, 1, 1}, at::kLong));
  EXPECT_EQ(error_text([&] { add.run(); }),
            "tensor.add adds maps of values, but one of its inputs holds ids\n  semantics.one_hot converts labels to "
            "channels");
}

}  // namespace
}  // namespace weft
