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
using testing::map_of;
using testing::NodeRunner;
using testing::values;

using Ids = std::vector<int64_t>;

constexpr int64_t kRoad = 7, kBuilding = 11, kTree = 21, kCar = 26, kLorry = 27;

struct Replace : NodeRunner {
  Replace(Ids from, Ids to) : NodeRunner("semantics.replace") { set("from", std::move(from)).set("to", std::move(to)); }

  Replace& on(const Ids& labels, const Ids& instances = {}) {
    input("labels", ids_of({labels}));
    if (!instances.empty()) input("instances", ids_of({instances}));
    return *this;
  }
  Ids labels() { return values<int64_t>(tensor("labels")); }
  Ids instances() { return values<int64_t>(tensor("instances")); }
};

TEST(SemanticsReplace, ChangesTheListedClassesAndNoOther) {
  Replace replace({kTree, -1}, {kBuilding, 0});
  replace.on({kTree, kRoad, -1, kBuilding, 255, kTree}).run();
  EXPECT_THAT(replace.labels(), ElementsAre(kBuilding, kRoad, 0, kBuilding, 255, kBuilding));
}

TEST(SemanticsReplace, TwoClassesChangePlaces) {
  Replace replace({kTree, kBuilding}, {kBuilding, kTree});
  replace.on({kTree, kBuilding, kRoad}).run();
  EXPECT_THAT(replace.labels(), ElementsAre(kBuilding, kTree, kRoad));
}

TEST(SemanticsReplace, OtherTakesTheRest) {
  Replace replace({kCar}, {kCar});
  replace.on({kTree, kCar, -1}).set("other", kRoad).run();
  EXPECT_THAT(replace.labels(), ElementsAre(kRoad, kCar, kRoad));
}

TEST(SemanticsReplace, OfOneInstanceLeavesTheOthers) {
  Replace replace({kCar}, {kLorry});
  replace.on({kCar, kCar, kRoad}, {26001, 26002, kRoad}).set("instance", int64_t{26002}).run();
  EXPECT_THAT(replace.labels(), ElementsAre(kCar, kLorry, kRoad));
  EXPECT_THAT(replace.instances(), ElementsAre(26001, kLorry, kRoad));
}

TEST(SemanticsReplace, WithinAMaskFromOneHalfOn) {
  Replace replace({kTree}, {kBuilding});
  replace.on({kTree, kTree, kTree, kRoad}).input("mask", map_of({{0, 0.49, 0.5, 1}})).run();
  EXPECT_THAT(replace.labels(), ElementsAre(kTree, kTree, kBuilding, kRoad));
}

TEST(SemanticsReplace, OfInstanceAndMaskTakesWhatBothHave) {
  Replace replace({kCar}, {kRoad});
  replace.on({kCar, kCar, kCar}, {26001, 26001, 26002}).set("instance", int64_t{26001});
  replace.input("mask", map_of({{0, 1, 1}})).run();
  EXPECT_THAT(replace.labels(), ElementsAre(kCar, kRoad, kCar));
}

/// Two cars that touch on a road, and a tree: the instance map after cars have become road.
Ids cars_become_road(const std::string& ids) {
  Replace replace({kCar}, {kRoad});
  replace.on({kRoad, kCar, kCar, kTree}, {kRoad, 26001, 26002, kTree}).set("ids", ids).run();
  return replace.instances();
}

TEST(SemanticsReplace, AVanishedInstanceLeavesNoEdge) {
  EXPECT_THAT(cars_become_road("class"), ElementsAre(kRoad, kRoad, kRoad, kTree));
  NodeRunner edges("semantics.edges");
  edges.input("instances", ids_of({cars_become_road("class")})).run();
  EXPECT_THAT(values(edges.tensor("edges")), ElementsAre(0, 0, 1, 1));  // that of the tree alone
}

TEST(SemanticsReplace, ReplacedPixelsHaveTheIdsThatAreAskedFor) {
  EXPECT_THAT(cars_become_road("object"), ElementsAre(kRoad, 7001, 7002, kTree));
  EXPECT_THAT(cars_become_road("zero"), ElementsAre(kRoad, 0, 0, kTree));
  EXPECT_THAT(cars_become_road("keep"), ElementsAre(kRoad, 26001, 26002, kTree));
}

TEST(SemanticsReplace, WithObjectsAPixelOfNoObjectTakesItsClass) {
  Replace replace({kTree}, {kBuilding});
  replace.on({kTree, kBuilding}, {kTree, 11004}).set("ids", std::string("object")).run();
  EXPECT_THAT(replace.instances(), ElementsAre(kBuilding, 11004));
}

TEST(SemanticsReplace, WithoutAnInstanceMapTheInstancesAreTheClasses) {
  Replace replace({kTree}, {kBuilding});
  replace.on({kTree, kRoad}).run();
  EXPECT_THAT(replace.instances(), ElementsAre(kBuilding, kRoad));
}

TEST(SemanticsReplace, EachSampleHasItsOwnMask) {
  NodeRunner replace("semantics.replace");
  replace.set("from", Ids{kTree}).set("to", Ids{kBuilding});
  replace.input("labels", ids_of({{kTree}}).expand({2, 1, 1, 1}));
  replace.input("mask", map_of({{0, 1}}).view({2, 1, 1, 1})).run();
  EXPECT_THAT(values<int64_t>(replace.tensor("labels")), ElementsAre(kTree, kBuilding));
}

TEST(SemanticsReplace, RefusesParametersThatContradictEachOther) {
  EXPECT_EQ(error_text([] {
              Replace({1, 2}, {3}).on({1}).run();
            }),
            "`from` and `to` pair ids one to one, but have 2 and 1");
  EXPECT_EQ(error_text([] { Replace({}, {}).on({1}).run(); }),
            "semantics.replace has nothing to do: give `from` and `to`, or `other`");
  EXPECT_EQ(error_text([] {
              Replace({4, 1, 4}, {1, 2, 3}).on({1}).run();
            }),
            "`from` has the class 4 twice, so its new class is not clear");
}

TEST(SemanticsReplace, RefusesAnInstanceWithoutItsMap) {
  Replace replace({kCar}, {kRoad});
  replace.on({kCar}).set("instance", int64_t{26001});
  EXPECT_EQ(error_text([&] { replace.run(); }),
            "semantics.replace has `instance`, but nothing is wired to the input `instances`\n"
            "  wire the instance map, or select the pixels with `mask`");
}

}  // namespace
}  // namespace weft
