#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::image {
namespace {

/// The brightness of an image: its luma.
///
/// Source: ITU-R BT.601: 0.299 red + 0.587 green + 0.114 blue.
struct Grey {
  static constexpr auto about =
      "Converts an image to grey: 0.299 red + 0.587 green + 0.114 blue (BT.601), the same in all three channels; the "
      "input of a colourisation";

  Out<"grey", "image[B,3,H,W]"> run(In<"in", "image[B,3,H,W]"> in) {
    const at::Tensor luma =
        in->select(1, 0) * 0.299 + in->select(1, 1) * 0.587 + in->select(1, 2) * 0.114;  // [B, H, W]
    return luma.unsqueeze(1).expand_as(*in).contiguous();
  }
};

}  // namespace

void add_grey(Registry& registry) {
  registry.add<Grey>("image.grey");
}

}  // namespace weft::image
