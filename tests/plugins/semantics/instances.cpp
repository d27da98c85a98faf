#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::ids_of;
using testing::NodeRunner;
using testing::values;

std::vector<int64_t> instances_of(const at::Tensor& labels, const std::vector<int64_t>& classes = {}) {
  NodeRunner instances("semantics.instances");
  return values<int64_t>(instances.set("classes", classes).input("labels", labels).run().tensor("instances"));
}

TEST(SemanticsInstances, EachComponentIsOneInstance) {
  // Ids begin after the largest label and follow the first pixels of the components in reading order.
  EXPECT_THAT(instances_of(ids_of({{1, 1, 0, 1},  //
                                   {0, 0, 0, 1},  //
                                   {1, 0, 1, 1}})),
              ElementsAre(2, 2, 3, 4,  //
                          3, 3, 3, 4,  //
                          5, 3, 4, 4));
}

TEST(SemanticsInstances, CornersDoNotTouch) {
  EXPECT_THAT(instances_of(ids_of({{1, 0}, {0, 1}})), ElementsAre(2, 3, 4, 5));
}

TEST(SemanticsInstances, PartsThatMeetLaterAreOne) {
  EXPECT_THAT(instances_of(ids_of({{5, 0, 5, 0, 5},  //
                                   {5, 0, 5, 0, 5},  //
                                   {5, 5, 5, 5, 5}})),
              ElementsAre(6, 7, 6, 8, 6,  //
                          6, 7, 6, 8, 6,  //
                          6, 6, 6, 6, 6));
}

TEST(SemanticsInstances, OtherClassesAreOneInstanceEach) {
  EXPECT_THAT(instances_of(ids_of({{26, 7, 26}, {7, 26, 7}}), {26}), ElementsAre(27, 7, 28, 7, 29, 7));
}

TEST(SemanticsInstances, ImagesOfABatchAreApart) {
  const at::Tensor labels = at::cat({ids_of({{0, 1}}), ids_of({{1, 1}})});
  EXPECT_THAT(instances_of(labels), ElementsAre(2, 3, 2, 2));
}

TEST(SemanticsInstances, SaysOnceThatInstancesAreGuessed) {
  NodeRunner instances("semantics.instances");
  std::vector<std::string> lines;
  instances.context().log().listen([&](const std::string&, const std::string& line) { lines.push_back(line); });
  instances.input("labels", ids_of({{0}})).run().run();
  EXPECT_THAT(lines, ElementsAre("semantics.instances: there is no instance map, so touching pixels of one label are "
                                 "taken as one instance"));
}

TEST(SemanticsInstances, RefusesTwoChannels) {
  NodeRunner instances("semantics.instances");
  instances.input("labels", at::zeros({1, 2, 4, 4}, at::kLong));
  EXPECT_EQ(error_text([&] { instances.run(); }), "input `labels` wants labels[B,1,H,W], but dimension 1 is 2");
}

}  // namespace
}  // namespace weft
