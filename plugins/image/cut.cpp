#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/image/part_size.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

#include <algorithm>

namespace weft::image {
namespace {

/// A box of one size, wherever it is: nothing is resized, and gradients go back into the pixels that were cut out.
struct Cut {
  static constexpr auto about =
      "Crops a map to a part of fixed size, without resizing: the part begins at the first corner of `box`, or at "
      "`corner`, and is moved inside the map where it would reach beyond a border; for discriminators of parts, such "
      "as faces, and for a part of a video";

  std::vector<int64_t> size = {64, 64};
  std::vector<int64_t> corner;

  void params(Params& p) {
    p("size", size, "height and width of the part, in pixels").count({2}).min(1).required();
    p("corner", corner, "row and column of the part's first pixel, where no `box` is wired").count({2}).min(0);
  }

  void shape(Shapes& shapes) const { declare_part(shapes, size, what()); }

  Out<"part", "like map[B,C,M,N]"> run(In<"map", "any[B,C,H,W]"> map, Opt<"box", "keypoints[B,2,3]"> box) {
    if (static_cast<bool>(box) != corner.empty()) {
      throw Error(Exit::Graph, text("image.cut has ", corner.empty() ? "neither" : "both", " a `box` ",
                                    corner.empty() ? "nor" : "and", " a `corner` to begin at"))
          .hint("wire its input `box`, for parts that move, or set `corner`, as in corner = [216, 0]");
    }
    check_part(*map, size, what());
    if (!box) {
      const int64_t row = std::min(corner[0], map->size(2) - size[0]),
                    column = std::min(corner[1], map->size(3) - size[1]);
      return map->narrow(2, row, size[0]).narrow(3, column, size[1]);
    }
    const int64_t batch = map->size(0), channels = map->size(1), width = map->size(3);
    const at::Tensor first = box->select(1, 0).to(map->device(), at::kLong);  // [B, 3]
    const at::Tensor columns = places(first.select(1, 0), size[1], width);
    const at::Tensor rows = places(first.select(1, 1), size[0], map->size(2));
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
