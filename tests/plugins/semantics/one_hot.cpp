#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::values;

struct OneHot : testing::NodeRunner {
  OneHot(int64_t classes, const at::Tensor& labels) : NodeRunner("semantics.one_hot") {
    set("classes", classes).input("labels", labels);
  }
  const at::Tensor& semantics() { return run().tensor("semantics"); }
};

TEST(SemanticsOneHot, HasAChannelForEachClass) {
  OneHot one_hot(3, ids_of({{0, 2}, {1, 0}}));
  EXPECT_EQ(one_hot.semantics().sizes(), (std::vector<int64_t>{1, 3, 2, 2}));
  EXPECT_EQ(one_hot.semantics().scalar_type(), at::kFloat);
  EXPECT_THAT(values(one_hot.semantics()), ElementsAre(1, 0, 0, 1,  //
                                                       0, 0, 1, 0,  //
                                                       0, 1, 0, 0));
}

TEST(SemanticsOneHot, KeepsTheIds) {
  OneHot one_hot(3, ids_of({{0, 2}, {1, 255}}));
  one_hot.set("ignore", std::vector<int64_t>{255}).run();
  ASSERT_TRUE(one_hot.value("semantics").is_one_hot());
  EXPECT_THAT(values(one_hot.value("semantics").one_hot()->ids()), ElementsAre(0, 2, 1, 3)) << "3 is no class";
  EXPECT_THAT(one_hot.value("semantics").one_hot()->channels(), ElementsAre(3));
}

TEST(SemanticsOneHot, LaysChannelsLastInMemory) {
  EXPECT_TRUE(OneHot(3, ids_of({{0, 2}, {1, 0}})).semantics().is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST(SemanticsOneHot, GivesTheTypeInWhichNetworksCompute) {
  OneHot one_hot(2, ids_of({{0, 1}}));
  one_hot.context().set_precision(at::kBFloat16);
  EXPECT_EQ(one_hot.semantics().scalar_type(), at::kBFloat16);
  EXPECT_THAT(values(one_hot.semantics()), ElementsAre(1, 0, 0, 1));
}

TEST(SemanticsOneHot, LeavesIgnoredIdsWithoutAClass) {
  OneHot one_hot(2, ids_of({{0, 255, 1}}));
  one_hot.set("ignore", std::vector<int64_t>{255});
  EXPECT_THAT(values(one_hot.semantics()), ElementsAre(1, 0, 0, 0, 0, 1));
  OneHot without_zero(2, ids_of({{0, 1}}));
  without_zero.set("ignore", std::vector<int64_t>{0});
  EXPECT_THAT(values(without_zero.semantics()), ElementsAre(0, 0, 0, 1));
}

TEST(SemanticsOneHot, DropsWhatIsNoClassWhenTold) {
  OneHot one_hot(2, ids_of({{-1, 7, 1}}));
  one_hot.set("outside", std::string("drop"));
  EXPECT_THAT(values(one_hot.semantics()), ElementsAre(0, 0, 0, 0, 0, 1));
}

TEST(SemanticsOneHot, NamesTheIdThatIsNoClass) {
  OneHot one_hot(35, ids_of({{0, 255}, {255, 34}}));
  EXPECT_EQ(
      error_text([&] { one_hot.run(); }),
      "the label id 255 is none of the 35 classes (0 to 34), in 2 pixels of this frame\n  semantics.remap in front of "
      "it converts ids\n  `ignore = [255]` or `outside = \"drop\"` sets such pixels to 0 in all channels");
}

TEST(SemanticsOneHot, NamesAllIdsThatAreNoClassesButNotTheIgnoredOnes) {
  OneHot one_hot(2, ids_of({{-1, 255, 2, 1}}));
  one_hot.set("ignore", std::vector<int64_t>{255});
  EXPECT_EQ(
      error_text([&] { one_hot.run(); }),
      "the label ids -1, 2 are none of the 2 classes (0 to 1), in 2 pixels of this frame\n  semantics.remap in front "
      "of it converts ids\n  `ignore = [-1, 2]` or `outside = \"drop\"` sets such pixels to 0 in all channels");
}

}  // namespace
}  // namespace weft
