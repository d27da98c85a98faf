#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"
#include "framework/testing/values.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace weft {
namespace {

using ::testing::ElementsAre;
using testing::error_text;
using testing::NodeRunner;
using testing::values;

/// Frames of one pixel that hold their number.
at::Tensor numbered(int64_t frames) {
  return at::arange(frames, at::kFloat).view({1, frames, 1, 1, 1});
}

TEST(TensorDraw, DrawsEachPlaceAboutAsOften) {
  NodeRunner draw("tensor.draw");
  draw.set("length", int64_t{3}).input("window", numbered(6));
  std::map<int64_t, int> counts;
  for (int i = 0; i < 400; ++i) ++counts[draw.run().tensor("place").item<int64_t>()];
  ASSERT_EQ(counts.size(), 4U);  // 0 to 3: three frames fit behind each
  EXPECT_EQ(counts.rbegin()->first, 3);
  for (const auto& [place, count] : counts)
    EXPECT_NEAR(count, 100, 45) << place;  // five deviations of sqrt(400 * 3/16)
}

TEST(TensorDraw, IsTheSameForTheSameSeedAndFrame) {
  NodeRunner one("tensor.draw"), two("tensor.draw");
  one.input("window", numbered(1000));
  two.input("window", numbered(1000));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(one.run().tensor("place").equal(two.run().tensor("place")));
}

TEST(TensorDraw, RefusesAWindowThatIsTooShort) {
  NodeRunner draw("tensor.draw");
  draw.set("length", int64_t{3}).input("window", numbered(2));
  EXPECT_EQ(error_text([&] { draw.run(); }), "tensor.draw needs 3 frames in a window, but it has 2");
}

TEST(TensorFrame, TakesOneFrameAndItsGradient) {
  const at::Tensor window = numbered(4).requires_grad_();
  NodeRunner node("tensor.frame");
  const at::Tensor frame =
      node.input("window", window).input("at", at::scalar_tensor(2, at::kLong)).run().tensor("frame");
  EXPECT_EQ(frame.sizes(), (std::vector<int64_t>{1, 1, 1, 1}));
  EXPECT_EQ(frame.item<float>(), 2);
  frame.sum().backward();
  EXPECT_THAT(values(window.grad()), ElementsAre(0, 0, 1, 0));
}

TEST(TensorFrames, TakesAShorterWindow) {
  NodeRunner node("tensor.frames");
  node.set("length", int64_t{2}).input("window", numbered(4));
  const auto at = [&](int64_t place) {
    return values(node.input("at", at::scalar_tensor(place, at::kLong)).run().tensor("frames"));
  };
  EXPECT_THAT(at(1), ElementsAre(1, 2));
  EXPECT_THAT(at(3), ElementsAre(2, 3));  // the last place that leaves two
  EXPECT_EQ(node.tensor("frames").sizes(), (std::vector<int64_t>{1, 2, 1, 1, 1}));
}

TEST(TensorFrames, RefusesAWindowThatIsTooShort) {
  NodeRunner node("tensor.frames");
  node.set("length", int64_t{3}).input("window", numbered(2)).input("at", at::scalar_tensor(0, at::kLong));
  EXPECT_EQ(error_text([&] { node.run(); }), "tensor.frames needs 3 frames of a window, but it has 2");
}

}  // namespace
}  // namespace weft
