#include "framework/nn/layers.h"
#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

TEST(ImageConcat, JoinsChannelsInTheOrderOfTheWires) {
  const at::Tensor two = at::arange(4, at::kFloat).view({1, 2, 1, 2});
  NodeRunner concat("image.concat");
  const at::Tensor joined = concat.input("in", two).input("in", map_of({{7, 8}})).run().tensor("conditions");
  EXPECT_EQ(joined.sizes(), (std::vector<int64_t>{1, 3, 1, 2}));
  EXPECT_THAT(values(joined), ElementsAre(0, 1, 2, 3, 7, 8));
}

TEST(ImageConcat, LaysMapsOutAsNetworksTakeThemIn) {
  for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
    NodeRunner concat("image.concat");
    concat.context().set_precision(type);
    concat.input("in", at::zeros({1, 3, 4, 5})).input("in", at::zeros({1, 1, 4, 5})).run();
    const at::Tensor conditions = concat.tensor("conditions");
    EXPECT_EQ(nn::enter(conditions, type).data_ptr(), conditions.data_ptr()) << type;
  }
}

TEST(ImageConcat, GivesTheTypeInWhichNetworksCompute) {
  NodeRunner concat("image.concat");
  concat.context().set_precision(at::kBFloat16);
  concat.input("in", map_of({{0.5}})).input("in", map_of({{2}}).to(at::kBFloat16)).run();
  EXPECT_EQ(concat.tensor("conditions").scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(concat.tensor("conditions")), ElementsAre(0.5, 2));
}

/// [1, channels, 1, ids].
nn::MapOrIds by_ids(const at::Tensor& ids, int64_t channels) {
  return std::make_shared<const nn::OneHot>(ids.to(at::kShort), std::vector<int64_t>{channels}, at::kFloat);
}

TEST(ImageConcat, KeepsOneHotMapsAsIds) {
  NodeRunner concat("image.concat");
  concat.context().set_precision(at::kBFloat16);
  concat.input("in", by_ids(ids_of({{1, 0}}), 2)).input("in", by_ids(ids_of({{0, 1}}), 1)).run();
  ASSERT_TRUE(concat.value("conditions").is_one_hot());
  EXPECT_EQ(concat.tensor("conditions").scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(concat.tensor("conditions")), ElementsAre(0, 1,  //
                                                               1, 0,  //
                                                               1, 0));
}

TEST(ImageConcat, JoinsTheMapOfIdsWithOthers) {
  NodeRunner concat("image.concat");
  concat.input("in", map_of({{0.5, 7}})).input("in", by_ids(ids_of({{1, 0}}), 2)).run();
  EXPECT_FALSE(concat.value("conditions").is_one_hot());
  EXPECT_THAT(values(concat.tensor("conditions")), ElementsAre(0.5, 7, 0, 1, 1, 0));
}

TEST(ImageConcat, TellsTheNumberOfChannelsBeforeTheRun) {
  NodeRunner concat("image.concat");
  Shapes shapes;
  shapes.add_input("in", {1, 35, 8, 8});
  shapes.add_input("in", {1, 1, 8, 8});
  concat.spec().shape({}, shapes);
  EXPECT_EQ(shapes['C'], Dim(36));
}

TEST(ImageConcat, LetsGradientsThrough) {
  const at::Tensor a = map_of({{1}}).requires_grad_(), b = map_of({{2}}).requires_grad_();
  NodeRunner concat("image.concat");
  const at::Tensor joined = concat.input("in", a).input("in", b).run().tensor("conditions");
  joined.select(1, 1).mul(3).sum().backward();
  EXPECT_THAT(values(a.grad()), ElementsAre(0));
  EXPECT_THAT(values(b.grad()), ElementsAre(3));
}

TEST(ImageConcat, RefusesIdsAndSaysWhatToDo) {
  NodeRunner concat("image.concat");
  concat.input("in", ids_of({{26}}));
  EXPECT_EQ(error_text([&] { concat.run(); }),
            "image.concat concatenates maps of values, but one of its inputs holds ids\n  semantics.one_hot converts "
            "labels to channels, semantics.edges instances");
}

TEST(ImageConcat, RefusesMapsOfTwoSizes) {
  NodeRunner concat("image.concat");
  concat.input("in", at::zeros({1, 3, 4, 4})).input("in", at::zeros({1, 1, 2, 4}));
  EXPECT_EQ(error_text([&] { concat.run(); }), "input `in` wants feature[B,*,H,W], but H is 4 elsewhere and 2 here");
}

}  // namespace
}  // namespace weft
