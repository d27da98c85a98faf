#include "plugins/estimators/body.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

namespace weft::estimators {
namespace {

/// Landmark i at (i, 2 i), all visible.
std::array<BodyPoint, kBodyPoints> ladder() {
  std::array<BodyPoint, kBodyPoints> points;
  for (size_t i = 0; i < points.size(); ++i) points[i] = {{static_cast<double>(i), 2.0 * static_cast<double>(i)}, 0.9};
  return points;
}

void expect_row(const at::Tensor& rows, int64_t row, double x, double y, double confidence) {
  EXPECT_EQ(rows[row][0].item<double>(), x) << row;
  EXPECT_EQ(rows[row][1].item<double>(), y) << row;
  EXPECT_EQ(rows[row][2].item<double>(), confidence) << row;
}

TEST(Body25, TakesItsPointsFromTheLandmarks) {
  const at::Tensor rows = body_25(ladder(), 0.5, 100, 100);
  ASSERT_EQ(rows.size(0), kPersonRows);
  expect_row(rows, 0, 0, 0, 0.9);                                       // nose
  expect_row(rows, 2, 12, 24, 0.9);                                     // right shoulder
  expect_row(rows, 4, 16, 32, 0.9);                                     // right wrist
  expect_row(rows, 7, 15, 30, 0.9);                                     // left wrist
  expect_row(rows, 11, 28, 56, 0.9);                                    // right ankle
  expect_row(rows, 14, 27, 54, 0.9);                                    // left ankle
  expect_row(rows, 15, 5, 10, 0.9);                                     // right eye
  expect_row(rows, 18, 7, 14, 0.9);                                     // left ear
  expect_row(rows, 22, 32, 64, 0.9);                                    // right big toe
  expect_row(rows, 1, 11.5, 23, 0.9);                                   // neck
  expect_row(rows, 8, 23.5, 47, 0.9);                                   // middle of the hips
  for (const int64_t none : {20, 23}) expect_row(rows, none, 0, 0, 0);  // small toes
  EXPECT_EQ(rows.slice(0, 25).abs().max().item<double>(), 0);           // face and hands
}

TEST(Body25, PointsThatAreHiddenOrBeyondTheFrameHaveConfidence0) {
  std::array<BodyPoint, kBodyPoints> points = ladder();
  points[12].visibility = 0.4;
  points[16].place = {-1, 3};
  points[15].place = {3, 99.4};
  points[27].place = {3, 99.6};
  const at::Tensor rows = body_25(points, 0.5, 100, 100);
  expect_row(rows, 2, 0, 0, 0);
  expect_row(rows, 1, 0, 0, 0);  // the neck is as visible as the worse shoulder
  expect_row(rows, 4, 0, 0, 0);
  expect_row(rows, 7, 3, 99.4, 0.9);
  expect_row(rows, 14, 0, 0, 0);
  expect_row(body_25(points, 0.1, 100, 100), 2, 12, 24, 0.4);
}

TEST(HeatMap, MovesAPointToItsCentreOfHeat) {
  at::Tensor heat = at::full({8, 8, 1}, -50.0, at::kFloat);
  heat[4][5][0] = 50;
  heat[4][7][0] = 50;
  const at::Tensor points = at::tensor({0.6, 0.6}, at::kDouble).view({1, 2});  // cell 4, 4
  refine(points, heat);
  EXPECT_NEAR(points[0][0].item<double>(), 6.0 / 8, 1e-9);
  EXPECT_NEAR(points[0][1].item<double>(), 4.0 / 8, 1e-9);
}

TEST(HeatMap, LeavesPointsWithoutHeatAndBeyondTheMap) {
  const at::Tensor heat = at::full({8, 8, 2}, -1.0, at::kFloat);  // 0.27 everywhere
  const at::Tensor points = at::tensor({0.6, 0.6, 1.2, 0.5}, at::kDouble).view({2, 2});
  const at::Tensor before = points.clone();
  refine(points, heat);
  EXPECT_TRUE(at::equal(points, before));
  const at::Tensor hot = at::full({8, 8, 2}, 9.0, at::kFloat);
  refine(points, hot);
  EXPECT_TRUE(at::equal(points[1], before[1]));
}

TEST(HeatMap, HeatFartherThanThreeCellsDoesNotCount) {
  at::Tensor heat = at::full({16, 16, 1}, -50.0, at::kFloat);
  heat[8][4][0] = 50;
  const at::Tensor points = at::tensor({8.5 / 16, 8.5 / 16}, at::kDouble).view({1, 2});
  refine(points, heat);
  EXPECT_EQ(points[0][0].item<double>(), 8.5 / 16);
}

}  // namespace
}  // namespace weft::estimators
