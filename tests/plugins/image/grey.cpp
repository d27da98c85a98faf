#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::NodeRunner;
using testing::values;

TEST(ImageGrey, WeighsTheColoursAsTheEyeDoes) {
  const std::vector<float> colours = {1, -1, -1, 1, -1, 1, -1, 1, -1, -1, 1, 1};  // red, green, blue, white
  const at::Tensor image = at::tensor(colours).view({1, 3, 1, 4});
  const std::vector<float> grey = values(NodeRunner("image.grey").input("in", image).run().tensor("grey"));
  ASSERT_EQ(grey.size(), 12U);
  const double luma[] = {-0.402, 0.174, -0.772, 1};
  for (size_t i = 0; i < grey.size(); ++i) EXPECT_NEAR(grey[i], luma[i % 4], 1e-6) << i;
}

}  // namespace
}  // namespace weft
