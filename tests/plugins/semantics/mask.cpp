#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::NodeRunner;
using testing::values;

TEST(SemanticsMask, IsOneWhereTheLabelIsListed) {
  NodeRunner mask("semantics.mask");
  mask.set("classes", std::vector<int64_t>{26, 24}).input("labels", ids_of({{7, 26, 24, 255}}));
  EXPECT_THAT(values(mask.run().tensor("mask")), ElementsAre(0, 1, 1, 0));
}

TEST(SemanticsMask, StaysFloatWhenNetworksComputeInLess) {
  NodeRunner mask("semantics.mask");
  mask.context().set_precision(at::kBFloat16);
  mask.set("classes", std::vector<int64_t>{1}).input("labels", ids_of({{0, 1}}));
  EXPECT_EQ(mask.run().tensor("mask").scalar_type(), at::kFloat);
}

TEST(SemanticsMask, RefusesAnEmptyList) {
  NodeRunner mask("semantics.mask");
  mask.set("classes", std::vector<int64_t>{}).input("labels", ids_of({{0}}));
  EXPECT_EQ(error_text([&] { mask.run(); }), "`classes` is empty: name the label ids of the foreground");
}

}  // namespace
}  // namespace weft
