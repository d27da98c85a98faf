#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/cat.h>
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

TEST(TensorMultiply, MultipliesEachChannelInTheTypeOfTheFirst) {
  NodeRunner multiply("tensor.multiply");
  multiply.input("a", at::cat({map_of({{1, -0.5}}), map_of({{4, 8}})}, 1))
      .input("b", map_of({{2, 0.25}}).to(at::kBFloat16));
  EXPECT_THAT(values(multiply.run().tensor("product")), ElementsAre(2, -0.125, 8, 2));
  EXPECT_EQ(multiply.tensor("product").scalar_type(), at::kFloat);
}

TEST(TensorMultiply, RefusesIds) {
  NodeRunner multiply("tensor.multiply");
  multiply.input("a", map_of({{1}})).input("b", at::zeros({1, 1, 1, 1}, at::kLong));
  EXPECT_EQ(error_text([&] { multiply.run(); }),
            "tensor.multiply multiplies maps of values, but one of its inputs holds ids\n  semantics.one_hot converts "
            "labels to channels");
}

}  // namespace
}  // namespace weft
