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

/// Three channels of two pixels.
at::Tensor semantics() {
  return map_of({{0.25, 1, 0.5, 0, 0.5, 0.75}}).view({1, 3, 1, 2});
}

TEST(SemanticsChannelMask, IsTheSumOfTheChannelsCutOffAtOne) {
  NodeRunner mask("semantics.channel_mask");
  mask.set("classes", std::vector<int64_t>{2, 0}).input("semantics", semantics());
  EXPECT_THAT(values(mask.run().tensor("mask")), ElementsAre(0.75, 1));  // 1.75 is cut off
}

TEST(SemanticsChannelMask, StaysFloat) {
  NodeRunner mask("semantics.channel_mask");
  mask.set("classes", std::vector<int64_t>{1}).input("semantics", semantics().to(at::kBFloat16));
  EXPECT_EQ(mask.run().tensor("mask").scalar_type(), at::kFloat);
  EXPECT_THAT(values(mask.tensor("mask")), ElementsAre(0.5, 0));
}

TEST(SemanticsChannelMask, RefusesAChannelThatIsNotThere) {
  const std::string expected = "`classes` has 26, but the input has the channels 0 to 2";
  NodeRunner mask("semantics.channel_mask");
  mask.set("classes", std::vector<int64_t>{26}).input("semantics", semantics());
  EXPECT_EQ(error_text([&] { mask.run(); }), expected);
  // The check of the graph says so too, before there is any data.
  Shapes shapes;
  shapes.set('C', 3);
  EXPECT_EQ(error_text([&] { mask.spec().shape({{"classes", std::vector<int64_t>{26}}}, shapes); }), expected);
}

}  // namespace
}  // namespace weft
