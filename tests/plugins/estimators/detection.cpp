#include "plugins/estimators/detection.h"

#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

#include <cmath>

namespace weft::estimators {
namespace {

Detection box(double score, double left, double top, double right, double bottom) {
  return {score, {left, top}, {right, bottom}, {{left, top}}};
}

TEST(Anchors, AreTheCentresOfCellsMapByMap) {
  const std::vector<Point> centres = anchors(8, {{4, 2}, {8, 1}});
  ASSERT_EQ(centres.size(), 9);  // 2x2 cells with two each, and one cell
  const double wanted[9][2] = {{.25, .25}, {.25, .25}, {.75, .25}, {.75, .25}, {.25, .75},
                               {.25, .75}, {.75, .75}, {.75, .75}, {.5, .5}};
  for (size_t i = 0; i < centres.size(); ++i) {
    EXPECT_DOUBLE_EQ(centres[i].x, wanted[i][0]) << i;
    EXPECT_DOUBLE_EQ(centres[i].y, wanted[i][1]) << i;
  }
}

TEST(Anchors, AreAsManyAsThePublishedNetworksHave) {
  EXPECT_EQ(anchors(224, {{8, 2}, {16, 2}, {32, 6}}).size(), 2254);
  EXPECT_EQ(anchors(128, {{8, 2}, {16, 6}}).size(), 896);
  EXPECT_EQ(anchors(192, {{4, 1}}).size(), 2304);
}

TEST(Anchors, AMapThatDoesNotDivideTheSizeReachesOverItsEdge) {
  EXPECT_EQ(anchors(10, {{4, 1}}).size(), 9);
}

TEST(Detections, AreRelativeToTheirAnchor) {
  // Two anchors, one key point; the first one's score is too low.
  const at::Tensor boxes = at::tensor({0.F, 0.F, 9.F, 9.F, 0.F, 0.F, 10.F, -20.F, 40.F, 60.F, 5.F, 15.F}).view({2, 6});
  const at::Tensor scores = at::tensor({-1.F, static_cast<float>(std::log(3.0))}).view({2, 1});
  const std::vector<Detection> found = decode(boxes, scores, {{.5, .5}, {.25, .75}}, 100, 0.5);
  ASSERT_EQ(found.size(), 1);
  EXPECT_NEAR(found[0].score, 0.75, 1e-7);  // the sigmoid of log 3, in float
  EXPECT_NEAR(found[0].least.x, 0.35 - 0.2, 1e-12);
  EXPECT_NEAR(found[0].least.y, 0.55 - 0.3, 1e-12);
  EXPECT_NEAR(found[0].most.x, 0.35 + 0.2, 1e-12);
  EXPECT_NEAR(found[0].most.y, 0.55 + 0.3, 1e-12);
  ASSERT_EQ(found[0].points.size(), 1);
  EXPECT_NEAR(found[0].points[0].x, 0.3, 1e-12);
  EXPECT_NEAR(found[0].points[0].y, 0.9, 1e-12);
}

TEST(Detections, ScoresThatAreNotNumbersAreNone) {
  const at::Tensor boxes = at::tensor({0.F, 0.F, 9.F, 9.F}).view({1, 4});
  EXPECT_TRUE(decode(boxes, at::tensor({NAN}).view({1, 1}), {{.5, .5}}, 100, 0.5).empty());
  EXPECT_EQ(decode(boxes, at::tensor({1e30F}).view({1, 1}), {{.5, .5}}, 100, 0.5).size(), 1);
}

TEST(WeightedSuppression, TakesTheMeanOfBoxesThatOverlap) {
  // The first two have an intersection over union of 0.8; the third is elsewhere.
  const std::vector<Detection> kept =
      suppress({box(0.6, 0, 0, 1, 0.8), box(0.9, 0, 0, 1, 1), box(0.7, 2, 2, 3, 3)}, 0.3);
  ASSERT_EQ(kept.size(), 2);
  EXPECT_DOUBLE_EQ(kept[0].score, 0.9);  // the best one's
  EXPECT_NEAR(kept[0].most.y, (0.9 * 1 + 0.6 * 0.8) / 1.5, 1e-12);
  EXPECT_NEAR(kept[0].most.x, 1, 1e-12);
  EXPECT_DOUBLE_EQ(kept[1].score, 0.7);
  EXPECT_DOUBLE_EQ(kept[1].points[0].x, 2);
}

TEST(WeightedSuppression, KeepsBoxesThatOverlapALittle) {
  // Two unit squares that are 0.6 apart: 0.4 / 1.6 = 0.25.
  EXPECT_EQ(suppress({box(0.9, 0, 0, 1, 1), box(0.8, 0.6, 0, 1.6, 1)}, 0.3).size(), 2);
  EXPECT_EQ(suppress({box(0.9, 0, 0, 1, 1), box(0.8, 0.6, 0, 1.6, 1)}, 0.2).size(), 1);
  EXPECT_TRUE(suppress({}, 0.3).empty());
}

TEST(WeightedSuppression, BoxesWithoutAreaStayApart) {
  EXPECT_EQ(suppress({box(0.9, 0, 0, 0, 0), box(0.8, 0, 0, 0, 0)}, 0.3).size(), 2);
}

}  // namespace
}  // namespace weft::estimators
