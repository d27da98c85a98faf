#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

TEST(ImageConstant, IsOneColourOfTheGivenSize) {
  NodeRunner constant("image.constant");
  constant.set("colour", std::vector<double>{-1, 0.5, 1}).set("size", std::vector<int64_t>{1, 2});
  const at::Tensor image = constant.run().tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, 1, 2}));
  EXPECT_THAT(values(image), ElementsAre(-1, -1, 0.5, 0.5, 1, 1));
  EXPECT_TRUE(constant.spec().is_still);
}

TEST(ImageConstant, TellsItsSizeBeforeTheRun) {
  Shapes shapes;
  NodeRunner("image.constant").spec().shape({{"size", std::vector<int64_t>{256, 512}}}, shapes);
  EXPECT_EQ(shapes['H'], Dim(256));
  EXPECT_EQ(shapes['W'], Dim(512));
}

TEST(ImageConstant, RefusesBytes) {
  EXPECT_EQ(error_text([] {
              NodeRunner("image.constant").set("colour", std::vector<double>{255, 0, 0});
            }),
            "`colour` must be 3 items, at least -1, at most 1, not 255");
}

}  // namespace
}  // namespace weft
