#include "framework/nn/pool.h"

#include "framework/testing/values.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/avg_pool3d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/max_pool3d.h>

namespace weft {
namespace {

using nn::Padding;
using nn::PoolOptions;
using ::testing::ElementsAre;
using testing::map_of;
using testing::values;

TEST(Pool, ComputesWhatLibTorchDoes) {
  Draws draw;
  const at::Tensor x = draw({2, 3, 7, 8}), clip = draw({2, 3, 4, 7, 8});
  for (const bool ceil_mode : {false, true}) {
    for (const bool counts : {false, true}) {
      const PoolOptions flat{
          .kernel = {3, 2}, .stride = 2, .padding = {1, 0}, .ceil_mode = ceil_mode, .count_include_pad = counts};
      expect_near(nn::max_pool(x, flat), at::max_pool2d(x, {3, 2}, 2, {1, 0}, 1, ceil_mode), 0);
      expect_near(nn::average_pool(x, flat), at::avg_pool2d(x, {3, 2}, 2, {1, 0}, ceil_mode, counts), 0);
      const PoolOptions deep{.kernel = {1, 3, 3},
                             .stride = {{1, 2, 3}},
                             .padding = {0, 1, 1},
                             .ceil_mode = ceil_mode,
                             .count_include_pad = counts};
      expect_near(nn::max_pool(clip, deep), at::max_pool3d(clip, {1, 3, 3}, {1, 2, 3}, {0, 1, 1}, 1, ceil_mode), 0);
      expect_near(nn::average_pool(clip, deep),
                  at::avg_pool3d(clip, {1, 3, 3}, {1, 2, 3}, {0, 1, 1}, ceil_mode, counts), 0);
    }
  }
}

TEST(Pool, StridesByItsKernelIfNothingElseIsSaid) {
  const at::Tensor x = map_of({{1, 2, 3, 4}, {5, 6, 7, 8}});
  EXPECT_THAT(values(nn::max_pool(x, {})), ElementsAre(6, 8));
  EXPECT_THAT(values(nn::average_pool(x, {})), ElementsAre(3.5, 5.5));
}

/// As TensorFlow pools: a border that is only behind, never wins and does not count.
TEST(Pool, SamePaddingLooksOnlyAtTheMap) {
  const at::Tensor x = map_of({{-1, -2, -3, -4}});
  const PoolOptions same{.kernel = {1, 3}, .stride = {{1, 2}}, .padding = Padding::same(), .count_include_pad = false};
  EXPECT_THAT(values(nn::max_pool(x, same)), ElementsAre(-1, -3));
  EXPECT_THAT(values(nn::average_pool(x, same)), ElementsAre(-2, -3.5));
  PoolOptions counting = same;
  counting.count_include_pad = true;
  EXPECT_THAT(values(nn::average_pool(x * 3, counting)), ElementsAre(-6, -7));
}

TEST(Pool, TakesDifferentBordersOnEachSide) {
  Draws draw;
  const at::Tensor x = draw({2, 3, 4, 5}), padded = at::constant_pad_nd(x, {0, 1, 1, 0}, -100);
  const Padding sides = Padding::sides({1, 0}, {0, 1});
  expect_near(nn::max_pool(x, {.kernel = 2, .padding = sides}), at::max_pool2d(padded, 2), 0);
}

TEST(Pool, GradientsAgreeWithDifferences) {
  Draws draw;
  const at::Tensor x = draw({2, 3, 4, 6});
  const PoolOptions same{.kernel = 3, .stride = 2, .padding = Padding::same(), .count_include_pad = false};
  expect_gradients({x}, [&] { return nn::max_pool(x, same); });
  expect_gradients({x}, [&] { return nn::average_pool(x, same); });
}

}  // namespace
}  // namespace weft
