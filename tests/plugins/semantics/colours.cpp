#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::values;

struct Colours : testing::NodeRunner {
  explicit Colours(const at::Tensor& map) : NodeRunner("semantics.colours") { input("semantics", map); }
  /// The bytes of the only pixel.
  std::vector<uint8_t> pixel() { return values<uint8_t>(((run().tensor("image") + 1) / 2 * 255).round()); }
};

at::Tensor one_hot(int64_t classes, int64_t id) {
  at::Tensor map = at::zeros({1, classes, 1, 1});
  map.select(1, id).fill_(1);
  return map;
}

TEST(SemanticsColours, LabelsAreTheIdsOfCityscapes) {
  EXPECT_THAT(Colours(ids_of({{7}})).pixel(), ElementsAre(128, 64, 128));
  EXPECT_THAT(Colours(ids_of({{200}})).pixel(), ElementsAre(0, 0, 0));
}

TEST(SemanticsColours, TheNumberOfChannelsTellsTheColours) {
  EXPECT_THAT(Colours(one_hot(35, 7)).pixel(), ElementsAre(128, 64, 128));
  EXPECT_THAT(Colours(one_hot(19, 0)).pixel(), ElementsAre(128, 64, 128));
  EXPECT_THAT(Colours(one_hot(7, 3)).pixel(), ElementsAre(128, 128, 0));  // bits
}

TEST(SemanticsColours, ChannelsBeyondTheClassesAreBlack) {
  Colours colours(one_hot(36, 35));
  colours.set("classes", int64_t{35});
  EXPECT_THAT(colours.pixel(), ElementsAre(0, 0, 0));
}

TEST(SemanticsColours, DataSetsHaveTheirOwn) {
  for (const auto& [palette, id, wanted] : {std::tuple{"camvid", 0, std::vector<uint8_t>{64, 128, 64}},
                                            {"camvid", 2, {0, 128, 192}},
                                            {"ade20k", 1, {120, 120, 120}}}) {
    Colours colours(ids_of({{id}}));
    colours.set("palette", std::string(palette));
    EXPECT_EQ(colours.pixel(), wanted) << palette << ' ' << id;
  }
  Colours beyond(ids_of({{32}}));
  beyond.set("palette", std::string("camvid"));
  EXPECT_THAT(beyond.pixel(), ElementsAre(0, 0, 0));
}

TEST(SemanticsColours, RefusesCityscapesForAnotherNumber) {
  Colours colours(one_hot(7, 3));
  colours.set("palette", std::string("cityscapes"));
  EXPECT_EQ(error_text([&] { colours.run(); }),
            "the Cityscapes colours are for 35, 20 or 19 classes, not for 7\n"
            "  `palette = \"bits\"` has colours for any number");
}

}  // namespace
}  // namespace weft
