#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::values;

using Ids = std::vector<int64_t>;

struct Remap : testing::NodeRunner {
  explicit Remap(const std::string& table) : NodeRunner("semantics.remap") { set("table", table); }
  Ids of(const Ids& ids) { return values<int64_t>(input("labels", ids_of({ids})).run().tensor("labels")); }
};

// Road, car and bicycle; unlabelled, licence plate and void.
const Ids kLabelIds = {7, 26, 33, 0, -1, 255};

TEST(SemanticsRemap, CityscapesBecomesTrainingIds) {
  EXPECT_THAT(Remap("cityscapes_19").of(kLabelIds), ElementsAre(0, 13, 18, 255, 255, 255));
  EXPECT_THAT(Remap("cityscapes_20").of(kLabelIds), ElementsAre(0, 13, 18, 19, 19, 19));
  EXPECT_THAT(Remap("kitti").of(kLabelIds), ElementsAre(0, 13, 18, 255, 255, 255));
}

TEST(SemanticsRemap, FewShotIdsHaveSkyLast) {
  // Sky, person, bicycle, traffic sign, terrain.
  EXPECT_THAT(Remap("few_shot_20").of({23, 24, 33, 20, 22}), ElementsAre(18, 10, 17, 7, 9));
  EXPECT_THAT(Remap("few_shot_20").of(kLabelIds), ElementsAre(0, 12, 17, 19, 19, 19));
}

TEST(SemanticsRemap, TrainingIdsGoBack) {
  EXPECT_THAT(Remap("cityscapes_35").of({0, 13, 18, 19, 255}), ElementsAre(7, 26, 33, 0, 0));
  Ids all(19);
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
  EXPECT_EQ(Remap("cityscapes_19").of(Remap("cityscapes_35").of(all)), all);
}

TEST(SemanticsRemap, PairsOfOnesOwnLeaveTheRestAsItIs) {
  Remap remap("none");
  remap.set("from", Ids{1, 65535}).set("to", Ids{10, 11});
  EXPECT_THAT(remap.of({1, 65535, 0, -7, 70000, std::numeric_limits<int64_t>::min()}),
              ElementsAre(10, 11, 0, -7, 70000, std::numeric_limits<int64_t>::min()));
}

TEST(SemanticsRemap, OtherTakesTheRest) {
  Remap remap("none");
  remap.set("from", Ids{1}).set("to", Ids{10}).set("other", int64_t{3});
  EXPECT_THAT(remap.of({1, 0, -7, 70000}), ElementsAre(10, 3, 3, 3));
}

TEST(SemanticsRemap, PairsCountMoreThanTheTable) {
  Remap remap("cityscapes_19");
  remap.set("from", Ids{29, 26}).set("to", Ids{13, 1});  // caravan becomes car, car becomes sidewalk
  EXPECT_THAT(remap.of({29, 26, 7}), ElementsAre(13, 1, 0));
}

TEST(SemanticsRemap, RefusesListsOfTwoLengths) {
  Remap remap("none");
  remap.set("from", Ids{1, 2}).set("to", Ids{3});
  EXPECT_EQ(error_text([&] { remap.of({1}); }), "`from` and `to` pair ids one to one, but have 2 and 1");
}

TEST(SemanticsRemap, RefusesToDoNothing) {
  EXPECT_EQ(error_text([] { Remap("none").of({1}); }),
            "semantics.remap has nothing to do: give `table`, or `from` and `to`");
}

}  // namespace
}  // namespace weft
