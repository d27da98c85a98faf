#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::NodeRunner;
using testing::values;

at::Tensor edges_of(const at::Tensor& instances) {
  return NodeRunner("semantics.edges").input("instances", instances).run().tensor("edges");
}

TEST(SemanticsEdges, MarksBothSidesOfABorder) {
  EXPECT_THAT(values(edges_of(ids_of({{7, 7, 7, 26001, 26001}}))), ElementsAre(0, 0, 1, 1, 0));
  EXPECT_THAT(values(edges_of(ids_of({{7}, {7}, {8}, {8}}))), ElementsAre(0, 1, 1, 0));
}

TEST(SemanticsEdges, CornersAreNoNeighbours) {
  EXPECT_THAT(values(edges_of(ids_of({{1, 1, 1},  //
                                      {1, 2, 1},  //
                                      {1, 1, 1}}))),
              ElementsAre(0, 1, 0,  //
                          1, 1, 1,  //
                          0, 1, 0));
}

TEST(SemanticsEdges, OneInstanceHasNone) {
  EXPECT_THAT(values(edges_of(ids_of({{5, 5}, {5, 5}}))), Each(0));
  EXPECT_THAT(values(edges_of(ids_of({{5}}))), Each(0));
}

TEST(SemanticsEdges, GivesTheTypeInWhichNetworksCompute) {
  NodeRunner edges("semantics.edges");
  edges.context().set_precision(at::kBFloat16);
  edges.input("instances", ids_of({{1, 2, 2}})).run();
  EXPECT_EQ(edges.tensor("edges").scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(edges.tensor("edges")), ElementsAre(1, 1, 0));
}

TEST(SemanticsEdges, RefusesTwoChannels) {
  NodeRunner edges("semantics.edges");
  edges.input("instances", at::zeros({1, 2, 4, 4}, at::kLong));
  EXPECT_EQ(error_text([&] { edges.run(); }), "input `instances` wants instances[B,1,H,W], but dimension 1 is 2");
}

}  // namespace
}  // namespace weft
