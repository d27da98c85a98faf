#include "framework/testing/error_text.h"
#include "framework/testing/node_runner.h"

#include <ATen/ops/arange.h>
#include <gtest/gtest.h>

namespace weft {
namespace {

using testing::error_text;
using testing::NodeRunner;

/// Frames whose pixels are their number.
at::Tensor numbered(int64_t count) {
  return at::arange(count, at::kFloat).view({count, 1, 1, 1}).expand({count, 3, 1, 1});
}

TEST(FramesBefore, TheFirstHasTheChunksLast) {
  NodeRunner node("vid2vid.frames_before");
  const at::Tensor before = node.input("in", numbered(3)).run().tensor("before").select(1, 0).flatten();
  EXPECT_EQ(before[0].item<float>(), 2);
  EXPECT_EQ(before[1].item<float>(), 0);
  EXPECT_EQ(before[2].item<float>(), 1);
}

TEST(FramesBefore, ClipsSideBySideStayApart) {
  NodeRunner node("vid2vid.frames_before");
  // Two times of two clips: 0 and 1, then 2 and 3.
  const at::Tensor before =
      node.set("batch", int64_t{2}).input("in", numbered(4)).run().tensor("before").select(1, 0).flatten();
  EXPECT_EQ(before[0].item<float>(), 2);
  EXPECT_EQ(before[1].item<float>(), 3);
  EXPECT_EQ(before[2].item<float>(), 0);
  node.input("in", numbered(3));
  EXPECT_NE(error_text([&] { node.run(); }).find("`batch` is 2, but 3 frames are not a multiple of it"),
            std::string::npos);
}

}  // namespace
}  // namespace weft
