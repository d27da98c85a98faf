#include "framework/testing/node_runner.h"

#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;

int64_t count_parameters(NodeRunner& node, bool with_statistics) {
  int64_t count = 0;
  for (const auto& [key, parameter] : node.module().tensors()) {
    if (with_statistics || parameter->role() == nn::Parameter::Role::Learnt) count += parameter->count();
  }
  return count;
}

TEST(DeepLabV3, HasTheParametersOfThePublishedNetworks) {
  NodeRunner small("segmentation.deeplabv3"), large("segmentation.deeplabv3");
  large.set("backbone", std::string("resnet101"));
  EXPECT_EQ(count_parameters(small, false), 42004074);
  EXPECT_EQ(count_parameters(large, false), 60996202);
  EXPECT_EQ(small.module().tensors().size(), 370U);
  EXPECT_EQ(large.module().tensors().size(), 676U);
}

TEST(DeepLabV3Plus, HasAsManyTensorsAsThePublishedFiles) {
  NodeRunner resnet("segmentation.deeplabv3plus"), mobilenet("segmentation.deeplabv3plus");
  mobilenet.set("backbone", std::string("mobilenet"));
  EXPECT_EQ(resnet.module().tensors().size(), 674U);
  EXPECT_EQ(mobilenet.module().tensors().size(), 356U);
}

}  // namespace
}  // namespace weft
