#include "plugins/face/canny.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

namespace weft::face {
namespace {

/// `low` on the left of column 10, `high` on its right, half way in it.
at::Tensor step(int low, int high) {
  at::Tensor grey = at::full({20, 30}, low, at::kByte);
  grey.narrow(1, 10, 1).fill_((low + high) / 2);
  grey.narrow(1, 11, 19).fill_(high);
  return grey;
}

int64_t count(const at::Tensor& edges) {
  return edges.sum().item<int64_t>();
}

TEST(Canny, FlatPicturesHaveNoEdges) {
  EXPECT_EQ(count(canny(at::full({20, 30}, 255, at::kByte))), 0);
  EXPECT_EQ(count(canny(at::full({1, 1}, 255, at::kByte))), 0);
}

TEST(Canny, AStepIsOneColumnWithoutTheBorder) {
  const at::Tensor edges = canny(step(0, 200));
  EXPECT_EQ(count(edges), 18);
  EXPECT_EQ(count(edges.select(1, 10)), 18);
  EXPECT_FALSE(edges[0][10].item<bool>());
  EXPECT_FALSE(edges[19][10].item<bool>());
  EXPECT_EQ(count(canny(step(200, 0)).select(1, 10)), 18);
  EXPECT_EQ(count(canny(step(0, 200).t().contiguous()).select(0, 10)), 18);
}

TEST(Canny, ADiagonalStepIsADiagonal) {
  at::Tensor grey = at::full({20, 20}, 0, at::kByte);
  for (int64_t y = 0; y < 20; ++y) {
    grey[y].narrow(0, y, 1).fill_(100);
    if (y < 19) grey[y].narrow(0, y + 1, 19 - y).fill_(200);
  }
  const at::Tensor edges = canny(grey);
  for (int64_t y = 4; y < 16; ++y) {
    EXPECT_TRUE(edges[y][y].item<bool>()) << y;
    // Pixels beside the diagonal are as steep as their mirror images across it: equals stay, so there may be
    // some of these.
    EXPECT_LE(count(edges[y]), 3) << y;
    EXPECT_EQ(count(edges[y]), count(edges[y].narrow(0, y - 1, 3))) << y;
  }
}

/// The steps' gradients: with sigma 1 the smoothed step rises by 0.6827 of its height between the centre's
/// neighbours (from -1 to 1 sigma; pixels make it a little less), and Sobel's weights count that four
/// times: 2.7 heights.
TEST(Canny, WeakEdgesNeedAStrongOne) {
  EXPECT_EQ(count(canny(step(100, 108))), 0);   // 0.08 is below 0.1
  EXPECT_EQ(count(canny(step(100, 114))), 0);   // 0.15 lies between
  EXPECT_EQ(count(canny(step(100, 124))), 18);  // 0.25 is above 0.2
  // From strong above to weak below, too slowly for edges across.
  at::Tensor joined = step(100, 114);
  for (int height = 0; height < 10; ++height) joined[height].copy_(step(100, 124 - height)[height]);
  EXPECT_EQ(count(canny(joined)), 18);
  EXPECT_EQ(count(canny(joined).select(1, 10)), 18);
}

TEST(Canny, ThresholdsAndSmoothnessMayBeSet) {
  EXPECT_EQ(count(canny(step(100, 114), {1, 0.05, 0.1})), 18);
  EXPECT_EQ(count(canny(step(100, 200), {1, 0.1, 5})), 0);
  EXPECT_EQ(count(canny(step(100, 124), {3, 0.1, 0.2})), 0);  // a third as steep
}

}  // namespace
}  // namespace weft::face
