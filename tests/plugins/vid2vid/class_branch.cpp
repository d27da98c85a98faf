#include "framework/testing/node_runner.h"
#include "framework/weights/fill.h"

#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

NodeRunner& small(NodeRunner& node) {
  return node.set("features", int64_t{4}).set("blocks", int64_t{1}).set("down", int64_t{1});
}

void fill(NodeRunner& node) {
  for (const auto& [key, parameter] : node.module().tensors())
    parameter->set(weights::fill(key, parameter->shape(), parameter->type()));
}

TEST(ClassBranch, GivesProbabilitiesOfTheTrunksSize) {
  NodeRunner trunk("vid2vid.trunk");
  small(trunk).input("s", at::rand({2, 1, 7, 8, 12})).input("x", at::rand({2, 2, 5, 8, 12}));  // past maps of 5 classes
  fill(trunk);
  NodeRunner branch("vid2vid.class_branch");
  small(branch).set("classes", int64_t{5}).input("trunk", trunk.run().tensor("feature"));
  fill(branch);
  const at::Tensor probabilities = branch.run().tensor("probabilities");
  ASSERT_EQ(probabilities.sizes(), (std::vector<int64_t>{2, 5, 8, 12}));
  EXPECT_GE(probabilities.min().item<float>(), 0);
  EXPECT_TRUE(probabilities.sum(1).allclose(at::ones({2, 8, 12}), 1e-5, 1e-6));
}

TEST(ClassBranch, HasKeysOfItsOwn) {
  NodeRunner branch("vid2vid.class_branch");
  small(branch).set("classes", int64_t{5}).input("trunk", at::rand({1, 8, 4, 6}));
  const auto tensors = branch.module().tensors();
  EXPECT_EQ(tensors.back().key, "model_final_class.1.bias");
  EXPECT_EQ(tensors.back().parameter->shape(), (std::vector<int64_t>{5}));
}

}  // namespace
}  // namespace weft
