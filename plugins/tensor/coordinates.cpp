#include <weft/node.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/linspace.h>

namespace weft::tensor {
namespace {

/// Where each pixel lies, so that a convolution can treat places differently.
///
/// Source: Liu et al. 2018, "An Intriguing Failing of Convolutional Neural Networks and the CoordConv Solution".
struct Coordinates {
  static constexpr auto about =
      "Map of coordinates, in the size of another map: x from -1 at the left border to 1 at the right one, then y from "
      "-1 at the top to 1 at the bottom, as extra channels of conditions";

  Out<"map", "conditions[B,2,H,W]"> run(In<"like", "feature[B,*,H,W]"> like) {
    const int64_t batch = like->size(0), height = like->size(2), width = like->size(3);
    const at::ScalarType type = like->is_floating_point() ? like->scalar_type() : at::kFloat;  // ids have none
    const auto options = like->options().dtype(type);
    const at::Tensor x = at::linspace(-1, 1, width, options).reshape({1, 1, 1, width});
    const at::Tensor y = at::linspace(-1, 1, height, options).reshape({1, 1, height, 1});
    const std::vector<int64_t> size = {batch, 1, height, width};
    return at::cat({x.expand(size), y.expand(size)}, 1);  // [B, 2, H, W]
  }
};

}  // namespace

void add_coordinates(Registry& registry) {
  registry.add<Coordinates>("tensor.coordinates");
}

}  // namespace weft::tensor
