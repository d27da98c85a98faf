#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::error_text;
using ::testing::FloatNear;
using testing::ids_of;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

struct Show : NodeRunner {
  Show(const std::string& kind, const at::Tensor& map) : NodeRunner("image.show") {
    set("kind", kind).input("in", map);
  }
};

/// The colour of a map's only pixel.
std::vector<float> pixel(const std::string& kind, const at::Tensor& map) {
  const at::Tensor image = Show(kind, map).run().tensor("image");
  EXPECT_EQ(image.sizes(), (std::vector<int64_t>{1, 3, 1, 1}));
  EXPECT_EQ(image.scalar_type(), at::kFloat);
  return values(image);
}

at::Tensor channels(const std::vector<float>& numbers) {
  return at::tensor(numbers).view({1, -1, 1, 1});
}

TEST(ImageShow, ImagesStayWithinTheirRange) {
  EXPECT_THAT(pixel("image", channels({-0.5, 0.25, 1.5})), ElementsAre(-0.5, 0.25, 1));
  EXPECT_THAT(pixel("image", channels({-0.5, 0.25, NAN})), ElementsAre(-0.5, 0.25, -1));
}

TEST(ImageShow, MasksAndEdgesAreGrey) {
  EXPECT_THAT(pixel("mask", channels({0.75})), Each(0.5));
  EXPECT_THAT(pixel("foreground_mask", channels({0})), Each(-1));
  EXPECT_THAT(pixel("edges", channels({1}).to(at::kBFloat16)), Each(1));
}

TEST(ImageShow, DepthIsDarkWhereItIsFar) {
  EXPECT_THAT(pixel("depth", channels({0})), Each(1));
  EXPECT_THAT(pixel("depth", channels({100})), Each(FloatNear(-1, 1e-6F)));
  EXPECT_THAT(pixel("depth", channels({1000})), Each(-1));
  // Half way in the logarithm: 1 + d = sqrt(101).
  EXPECT_THAT(pixel("depth", channels({std::sqrt(101.0F) - 1})), Each(FloatNear(0, 1e-6F)));
}

TEST(ImageShow, LabelsAndSemanticsHaveTheColoursOfTheirClasses) {
  const float level = 142 / 255.0F * 2 - 1;  // car: 0, 0, 142
  EXPECT_THAT(pixel("labels", ids_of({{26}})), ElementsAre(-1, -1, FloatNear(level, 1e-6F)));
  at::Tensor semantics = at::zeros({1, 35, 1, 1});
  semantics.select(1, 26).fill_(1);
  EXPECT_THAT(pixel("semantics", semantics), ElementsAre(-1, -1, FloatNear(level, 1e-6F)));
  EXPECT_THAT(pixel("conditions", semantics), ElementsAre(-1, -1, FloatNear(level, 1e-6F)));
}

TEST(ImageShow, ClassesCanBeCounted) {
  Show runner("labels", ids_of({{13}}));
  runner.set("classes", int64_t{19});
  EXPECT_NEAR(values(runner.run().tensor("image"))[2], 142 / 255.0F * 2 - 1,
              1e-6);  // car among the training ids
}

TEST(ImageShow, InstancesDiffer) {
  // 3 is binary 011: red and green have their highest bit.
  const float level = 128 / 255.0F * 2 - 1;
  EXPECT_THAT(pixel("instances", ids_of({{3}})), ElementsAre(FloatNear(level, 1e-6F), FloatNear(level, 1e-6F), -1));
  EXPECT_EQ(pixel("instances", ids_of({{26001}})), pixel("instances", ids_of({{26001 % 256}})));
}

TEST(ImageShow, ConditionsAreTakenByTheirChannels) {
  EXPECT_THAT(pixel("conditions", channels({0.75})), Each(0.5));
  EXPECT_THAT(pixel("conditions", channels({-0.5, 0, 0.5})), ElementsAre(-0.5, 0, 0.5));
}

TEST(ImageShow, FlowHasFullColourAtATwentiethOfTheWidth) {
  at::Tensor flow = at::zeros({1, 2, 1, 40});
  flow.select(1, 0).fill_(-2);  // to the left: no red, full blue
  const std::vector<float> full = values(Show("flow", flow).run().tensor("image").select(3, 0));
  EXPECT_EQ(full[0], -1);
  EXPECT_EQ(full[2], 1);
  Show wide("flow", flow);
  EXPECT_NEAR(values(wide.set("max", 4.0).run().tensor("image").select(3, 0))[0], 0, 1e-6);
}

TEST(ImageShow, FeaturesAreSpreadAboutTheirMean) {
  // Mean 3 and deviation 1: one deviation is half of the way.
  EXPECT_THAT(values(Show("feature", map_of({{2, 4}})).run().tensor("image").select(1, 1)),
              ElementsAre(FloatNear(-0.5, 1e-5F), FloatNear(0.5, 1e-5F)));
  const at::Tensor five = at::arange(10, at::kFloat).view({1, 5, 1, 2});
  EXPECT_THAT(values(Show("feature", five).run().tensor("image").select(3, 1)), Each(FloatNear(0.5, 1e-5F)));
  const at::Tensor two = at::arange(4, at::kFloat).view({1, 2, 1, 2});
  EXPECT_THAT(values(Show("feature", two).run().tensor("image").select(1, 2)), Each(0));
  const at::Tensor nearly_one = map_of({{1, 1 + 1e-6F, 1 - 1e-6F}});
  EXPECT_THAT(values(Show("feature", nearly_one).run().tensor("image")), Each(0)) << "rounding is not shown";
}

TEST(ImageShow, RefusesAFlowOfThreeChannels) {
  Show runner("flow", channels({1, 2, 3}));
  EXPECT_EQ(error_text([&] { runner.run(); }),
            "image.show with kind = \"flow\" needs 2 channels, but got 3\n  `kind` is the kind of the input");
}

}  // namespace
}  // namespace weft
