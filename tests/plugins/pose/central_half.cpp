#include "framework/testing/node_runner.h"
#include "tests/plugins/text_files.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include <array>

namespace weft::pose {
namespace {

using testing::error_of;
using testing::NodeRunner;

TEST(PoseCentralHalf, CutsMultiplesOf64Columns) {
  // A quarter of 200 is 50, of which 32 remain on each side of column 100; of 1920 it is 480, a multiple
  // of 32.
  for (const auto& [width, first, last] : {std::array<int64_t, 3>{200, 68, 131}, {1920, 480, 1439}}) {
    const at::Tensor columns = at::arange(width, at::kFloat).expand({1, 2, 3, width});
    const at::Tensor half = NodeRunner("pose.central_half").input("in", columns).run().tensor("out");
    EXPECT_EQ(half.sizes(), (at::IntArrayRef{1, 2, 3, last - first + 1}));
    EXPECT_EQ(half[0][1][2][0].item<int64_t>(), first);
    EXPECT_EQ(half[0][1][2][last - first].item<int64_t>(), last);
  }
}

TEST(PoseCentralHalf, RefusesANarrowFrame) {
  NodeRunner node("pose.central_half");
  EXPECT_EQ(error_of([&] {
              node.input("in", at::zeros({1, 3, 8, 127})).run();
            }),
            "the frame is 127 pixels wide, but its central half needs at least 128\n  remove pose.central_half for "
            "frames of this width");
}

}  // namespace
}  // namespace weft::pose
