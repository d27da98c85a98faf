#include "plugins/image/part_size.h"
#include <weft/node.h>

#include <ATen/core/Tensor.h>

namespace weft::image {
namespace {

struct CentreCrop {
  static constexpr auto about =
      "Crops a map to its centre, without resizing; where an odd number of rows or columns is left out, one more at "
      "the "
      "bottom or on the right";

  std::vector<int64_t> size = {64, 64};

  void params(Params& p) { p("size", size, "height and width of the crop, in pixels").count({2}).min(1).required(); }

  void shape(Shapes& shapes) const { declare_part(shapes, size, what()); }

  Out<"crop", "like map[B,C,M,N]"> run(In<"map", "any[B,C,H,W]"> map) {
    check_part(*map, size, what());
    const int64_t top = (map->size(2) - size[0]) / 2, left = (map->size(3) - size[1]) / 2;
    return map->narrow(2, top, size[0]).narrow(3, left, size[1]);
  }

 private:
  std::string what() const { return text("image.centre_crop crops to ", size[0], 'x', size[1], " pixels"); }
};

}  // namespace

void add_centre_crop(Registry& registry) {
  registry.add<CentreCrop>("image.centre_crop");
}

}  // namespace weft::image
