#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;
using testing::values;

TEST(TensorConstant, IsOneNumberInTheGivenSize) {
  NodeRunner constant("tensor.constant");
  constant.set("value", 0.25).set("channels", int64_t{2}).set("size", std::vector<int64_t>{3, 4});
  const at::Tensor map = constant.run().tensor("map");
  EXPECT_EQ(map.sizes(), (std::vector<int64_t>{1, 2, 3, 4}));
  EXPECT_THAT(values(map), ::testing::Each(0.25));
  EXPECT_TRUE(constant.spec().is_still);
}

TEST(TensorConstant, TellsItsSizeBeforeTheRun) {
  Shapes shapes;
  NodeRunner("tensor.constant").spec().shape({{"size", std::vector<int64_t>{3, 4}}}, shapes);
  EXPECT_EQ(shapes['H'], Dim(3));
  EXPECT_EQ(shapes['W'], Dim(4));
}

TEST(TensorConstant, RefusesThreeSides) {
  EXPECT_EQ(error_text([] {
              NodeRunner("tensor.constant").set("size", std::vector<int64_t>{1, 2, 3});
            }),
            "`size` wants 2 items, not 3");
}

}  // namespace
}  // namespace weft
