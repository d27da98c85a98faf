#include "plugins/image/part_size.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

namespace weft::image {
namespace {

/// A box of one size, wherever it is: nothing is resized, and gradients go back into the pixels that were cut out.
struct Cut {
  static constexpr auto about =
      "Crops a map to a part of fixed size, without resizing: the part begins at the first corner of `box`, and is "
      "moved inside the map where it would reach beyond a border; for discriminators of parts, such as faces";

  std::vector<int64_t> size = {64, 64};

  void params(Params& p) { p("size", size, "height and width of the part, in pixels").count({2}).min(1).required(); }

  void shape(Shapes& shapes) const { declare_part(shapes, size, what()); }

  Out<"part", "like map[B,C,M,N]"> run(In<"map", "any[B,C,H,W]"> map, In<"box", "keypoints[B,2,3]"> box) {
    check_part(*map, size, what());
    const int64_t batch = map->size(0), channels = map->size(1), width = map->size(3);
    const at::Tensor corner = box->select(1, 0).to(map->device(), at::kLong);  // [B, 3]
    const at::Tensor columns = places(corner.select(1, 0), size[1], width);
    const at::Tensor rows = places(corner.select(1, 1), size[0], map->size(2));
    const at::Tensor pixels = (rows.unsqueeze(2) * width + columns.unsqueeze(1)).view({batch, 1, -1});  // [B, 1, M*N]
    return map->flatten(2).gather(2, pixels.expand({batch, channels, -1})).view({batch, channels, size[0], size[1]});
  }

 private:
  std::string what() const { return text("image.cut cuts ", size[0], 'x', size[1], " pixels out"); }
  /// `count` consecutive indices from `first` [B] on, moved below `end` if necessary: [B, count].
  static at::Tensor places(const at::Tensor& first, int64_t count, int64_t end) {
    return first.clamp(0, end - count).unsqueeze(1) + at::arange(count, first.options());
  }
};

}  // namespace

void add_cut(Registry& registry) {
  registry.add<Cut>("image.cut");
}

}  // namespace weft::image
