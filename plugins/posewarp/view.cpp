#include "plugins/posewarp/geometry.h"
#include <weft/node.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>

#include <array>
#include <vector>

namespace weft::posewarp {
namespace {

constexpr int64_t kMostPixels = 32768;

/// The joints under the names that they have in a mirror.
constexpr std::array<int64_t, kJoints> kMirrored = {0, 1, 5, 6, 7, 2, 3, 4, 11, 12, 13, 8, 9, 10};

/// The numbers of windows, [B, 8], one by one: each [B, 1].
std::vector<at::Tensor> numbers_of(const at::Tensor& windows) {
  return windows.unsqueeze(2).unbind(1);
}

struct SeenImage {
  static constexpr auto about =
      "Image through a window (posewarp.window), at the size of the networks: bilinear, the border goes on without end";

  std::vector<int64_t> size = {256, 256};

  void params(Params& p) {
    p("size", size, "height and width of the view, in pixels; those of the window").count({2}).min(2).max(kMostPixels);
  }

  void shape(Shapes& shapes) const {
    shapes.set('P', size[0]);
    shapes.set('Q', size[1]);
  }

  Out<"image", "image[B,3,P,Q]"> run(In<"image", "image[B,3,H,W]"> image, In<"window", "feature[B,8]"> window) {
    constexpr int64_t kBilinear = 0, kBorder = 1;
    std::vector<at::Tensor> n;  // each [B, 1, 1]
    for (const at::Tensor& number : numbers_of(*window)) n.push_back(number.unsqueeze(2));
    // The way back, from a pixel of the view to that of the image.
    const at::Tensor x = at::arange(size[1], image->options()) - n[2],  // [B, 1, Q]
        y = at::arange(size[0], image->options()).unsqueeze(1) - n[5];  // [B, P, 1]
    const at::Tensor determinant = n[0] * n[4] - n[1] * n[3];
    const at::Tensor column = (n[4] * x - n[1] * y) / determinant, row = (n[0] * y - n[3] * x) / determinant;
    const auto from_minus_1_to_1 = [](const at::Tensor& place, int64_t pixels) {
      return (place + 0.5) * (2.0 / static_cast<double>(pixels)) - 1;
    };
    const at::Tensor grid =
        at::stack({from_minus_1_to_1(column, image->size(3)), from_minus_1_to_1(row, image->size(2))}, 3);
    const at::Tensor seen = at::grid_sampler_2d(*image, grid, kBilinear, kBorder, /*align_corners=*/false);
    return (seen * n[6].unsqueeze(3)).clamp_max(1);
  }
};

struct SeenJoints {
  static constexpr auto about =
      "Joints through a window (posewarp.window), in pixels of the view; where it mirrors, right and left are "
      "exchanged";

  Out<"joints", "keypoints[B,14,3]"> run(In<"joints", "keypoints[B,14,3]"> joints,
                                         In<"window", "feature[B,8]"> window) {
    const std::vector<at::Tensor> n = numbers_of(*window);
    const at::Tensor x = joints->select(2, 0), y = joints->select(2, 1);  // [B, 14]
    const at::Tensor seen =
        at::stack({n[0] * x + n[1] * y + n[2], n[3] * x + n[4] * y + n[5], joints->select(2, 2)}, 2);
    const at::Tensor names = at::tensor(at::ArrayRef<int64_t>(kMirrored)).to(joints->device());
    return at::where(n[7].gt(0.5).unsqueeze(2), seen.index_select(1, names), seen);
  }
};

}  // namespace

void add_view(Registry& registry) {
  registry.add<SeenImage>("posewarp.view");
  registry.add<SeenJoints>("posewarp.view_joints");
}

}  // namespace weft::posewarp
