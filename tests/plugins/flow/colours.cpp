#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;
using testing::values;

/// Moves to the left everywhere; its hue has no red, so red is what is missing to full saturation.
at::Tensor leftward(float pixels, int64_t width) {
  const at::Tensor flow = at::zeros({1, 2, 1, width});
  flow.select(1, 0).fill_(-pixels);
  return flow;
}

TEST(FlowColours, LengthIsMeasuredAgainstATwentiethOfTheWidth) {
  NodeRunner colours("flow.colours");
  const at::Tensor image = colours.input("flow", leftward(2, 40)).run().tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, 1, 40}));
  EXPECT_THAT(values(image.select(1, 0)), ::testing::Each(-1));
  EXPECT_THAT(values(image.select(1, 2)), ::testing::Each(1));
}

TEST(FlowColours, LengthIsMeasuredAgainstMax) {
  NodeRunner colours("flow.colours");
  colours.set("max", 8.0).input("flow", leftward(2, 40));
  EXPECT_THAT(values(colours.run().tensor("image").select(1, 0)),
              ::testing::Each(0.5));  // a quarter of the way down
}

TEST(FlowColours, RefusesALengthOfZero) {
  EXPECT_EQ(error_text([] { NodeRunner("flow.colours").set("max", 0.0); }), "`max` must be above 0, not 0");
}

}  // namespace
}  // namespace weft
