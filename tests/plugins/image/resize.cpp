#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using ::testing::FloatNear;
using testing::ids_of;
using testing::map_of;
using testing::NodeRunner;
using testing::values;

TEST(ImageResize, BringsMapsToASize) {
  NodeRunner resize("image.resize");
  resize.set("size", std::vector<int64_t>{1, 2}).input("in", map_of({{0, 70, 140, 210}})).run();
  // A triangle of two pixels to each side: (0 * 3/4 + 70 * 3/4 + 140 / 4) / 1.75 and its mirror; float
  // arithmetic.
  EXPECT_THAT(values(resize.tensor("resized")), ElementsAre(FloatNear(50, 1e-4F), FloatNear(160, 1e-4F)));
}

TEST(ImageResize, TakesAFactor) {
  const auto size_by = [](double factor) {
    NodeRunner resize("image.resize");
    return resize.set("factor", factor).input("in", at::zeros({1, 2, 6, 10})).run().tensor("resized").sizes().vec();
  };
  EXPECT_THAT(size_by(0.5), ElementsAre(1, 2, 3, 5));
  EXPECT_THAT(size_by(3), ElementsAre(1, 2, 18, 30));
  EXPECT_THAT(size_by(0.4), ElementsAre(1, 2, 2, 4));  // 2.4 and 4, rounded
}

TEST(ImageResize, IdsTakeTheNearest) {
  NodeRunner resize("image.resize");
  resize.set("factor", 0.5).set("method", std::string("nearest"));
  EXPECT_THAT(values<int64_t>(resize.input("in", ids_of({{1, 2, 3, 4}, {5, 6, 7, 26001}})).run().tensor("resized")),
              ElementsAre(6, 26001));
}

TEST(ImageResize, KeepsAOneHotMapAsIdsWhereItTakesTheNearest) {
  const at::Tensor ids = ids_of({{0, 1, 2, 3}, {1, 0, 3, 2}}).to(at::kShort);
  const nn::MapOrIds map(std::make_shared<const nn::OneHot>(ids, std::vector<int64_t>{3}, at::kBFloat16));
  const auto resized = [&](const Value& in, const char* method) {
    NodeRunner resize("image.resize");
    return resize.set("factor", 0.5).set("method", std::string(method)).input("in", in).run().value("resized");
  };
  const Value nearest = resized(map, "nearest");
  ASSERT_TRUE(nearest.is_one_hot());
  EXPECT_THAT(values(nearest.one_hot()->ids()), ElementsAre(0, 2));
  EXPECT_EQ(values(nearest.tensor()), values(resized(map.map(), "nearest").tensor()));
  EXPECT_FALSE(resized(map, "bilinear").is_one_hot());
  EXPECT_EQ(values(resized(map, "bilinear").tensor()), values(resized(map.map(), "bilinear").tensor()));
}

TEST(ImageResize, TellsItsSizeBeforeTheRun) {
  const NodeRunner resize("image.resize");
  Symbols symbols;
  const Dim height = symbols.make("height"), width = symbols.make("width");
  const auto sides = [&](const ParamValues& params) {
    Shapes shapes;
    shapes.symbols = &symbols;
    shapes.set('H', height);
    shapes.set('W', width);
    resize.spec().shape(params, shapes);
    return std::pair(shapes.find("P"), shapes.find("Q"));
  };
  EXPECT_EQ(sides({{"size", std::vector<int64_t>{64, 128}}}),
            (std::pair<std::optional<Dim>, std::optional<Dim>>(64, 128)));
  EXPECT_EQ(sides({{"factor", 0.25}}).first, height / 4);
  EXPECT_EQ(sides({{"factor", 2.0}}).second, width * 2);
  EXPECT_EQ(sides({{"factor", 0.3}}).first, std::nullopt);
}

TEST(ImageResize, RefusesBothOrNeitherOfSizeAndFactor) {
  NodeRunner neither("image.resize"), both("image.resize");
  neither.input("in", map_of({{1}}));
  both.set("size", std::vector<int64_t>{1, 1}).set("factor", 2.0).input("in", map_of({{1}}));
  EXPECT_EQ(
      error_text([&] { neither.run(); }),
      "image.resize needs either `size` or `factor`, and got neither\n  `size = [height, width]`, or `factor = 0.5`");
  EXPECT_EQ(
      error_text([&] { both.run(); }),
      "image.resize needs either `size` or `factor`, and got both\n  `size = [height, width]`, or `factor = 0.5`");
}

TEST(ImageResize, RefusesToMixIds) {
  NodeRunner resize("image.resize");
  resize.set("factor", 2.0).input("in", ids_of({{1, 2}}));
  EXPECT_EQ(error_text([&] { resize.run(); }),
            "image.resize cannot interpolate here: its input holds ids, which have no values between them\n  method = "
            "\"nearest\" resizes labels and instances");
}

TEST(ImageResize, RefusesToHalveAnOddSide) {
  NodeRunner resize("image.resize");
  resize.set("factor", 0.5).input("in", at::zeros({1, 1, 4, 5}));
  EXPECT_EQ(error_text([&] { resize.run(); }),
            "image.resize cannot divide the width 5 by 2\n  give `size = [height, width]` instead of `factor`");
}

}  // namespace
}  // namespace weft
