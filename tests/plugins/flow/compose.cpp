#include "framework/testing/node_runner.h"
#include "framework/vision/warp.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

TEST(FlowCompose, OfTwoShiftsIsTheirSum) {
  NodeRunner node("flow.compose");
  node.input("first", at::full({1, 2, 3, 4}, 1.5)).input("then", at::full({1, 2, 3, 4}, -0.25));
  EXPECT_TRUE(node.run().tensor("flow").allclose(at::full({1, 2, 3, 4}, 1.25)));
}

/// The second flow is read where the first one leads.
TEST(FlowCompose, WarpsAsOneAfterTheOther) {
  at::Tensor first = at::zeros({1, 2, 5, 8});
  first.select(1, 0).fill_(2);  // two pixels to the right
  at::Tensor then = at::zeros({1, 2, 5, 8});
  then.select(1, 1).copy_(at::arange(8, at::kFloat).remainder(2).expand({1, 5, 8}));  // odd columns: one row down
  const at::Tensor image = at::arange(40, at::kFloat).view({1, 1, 5, 8});
  const at::Tensor composed = NodeRunner("flow.compose").input("first", first).input("then", then).run().tensor("flow");
  EXPECT_TRUE(vision::warp(image, composed).allclose(vision::warp(vision::warp(image, then), first), 1e-4, 1e-3));
  EXPECT_FALSE(vision::warp(image, composed).allclose(vision::warp(vision::warp(image, first), then), 1e-4, 1e-3))
      << "the order counts at the right border";
}

}  // namespace
}  // namespace weft
