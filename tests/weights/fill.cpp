#include "framework/weights/fill.h"

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft::weights {
namespace {

// Printed by the rule in Python (numpy 2.4, shared/conformance/fill.py), in hexadecimal: every bit counts.
TEST(Fill, GivesTheBitsOfTheRule) {
  const auto expect = [](const at::Tensor& filled, const std::vector<float>& expected) {
    EXPECT_TRUE(filled.flatten().equal(at::tensor(expected))) << filled;
  };
  expect(fill("m.running_var", {3}), {0x1.736d58p+0F, 0x1.4f54a0p+0F, 0x1.4f6fd0p+0F});
  expect(fill("m.running_mean", {3}), {0x1.3be46ap-7F, 0x1.78e318p-4F, -0x1.06172ep-4F});
  expect(fill("c.weight_u", {4}), {-0x1.02ecf2p-2F, 0x1.43c784p-1F, 0x1.553c52p-1F, -0x1.3689e6p-2F});
  expect(fill("n.weight", {3}), {0x1.edb3a2p-1F, 0x1.db430ap-1F, 0x1.0e5a94p+0F});
  expect(fill("n.bias", {3}), {-0x1.fc7e80p-5F, -0x1.337ebcp-4F, -0x1.14218ap-5F});
  expect(fill("c.weight", {2, 1, 1, 2}), {-0x1.61cb6ap-2F, 0x1.32e2bcp+0F, 0x1.d86166p-1F, 0x1.93066cp-1F});
  expect(fill("scale", {}), {0x1.7a5d88p-4F});
  expect(fill_input("x", {4}), {0x1.877848p-1F, 0x1.640facp-3F, 0x1.674f14p-1F, 0x1.9a201ep-2F});
}

TEST(Fill, HasTheShapeAndTypeThatAreAskedFor) {
  EXPECT_EQ(fill("c.weight", {2, 1, 1, 2}).sizes(), at::IntArrayRef({2, 1, 1, 2}));
  EXPECT_EQ(fill("scale", {}).dim(), 0);
  EXPECT_EQ(fill("n.bias", {0}).numel(), 0);
  EXPECT_TRUE(fill("n.num_batches_tracked", {}).equal(at::zeros({}, at::kLong)));
  // Doubles are the floats, since the originals were filled with floats.
  EXPECT_TRUE(fill("n.bias", {3}, at::kDouble).equal(fill("n.bias", {3}).to(at::kDouble)));
  EXPECT_TRUE(fill("n.bias", {3}, at::kBFloat16).equal(fill("n.bias", {3}).to(at::kBFloat16)));
}

TEST(Fill, IsTheSameInPiecesOfAnySize) {
  // More numbers than one thread takes at a time; a prefix is the same whatever follows.
  EXPECT_TRUE(fill_input("x", {300000}).slice(0, 0, 4).equal(fill_input("x", {4})));
  EXPECT_TRUE(fill_input("x", {300, 1000}).flatten().equal(fill_input("x", {300000})));
}

}  // namespace
}  // namespace weft::weights
