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

  void shape(Shapes& shapes) const {
    shapes.set('M', size[0]);
    shapes.set('N', size[1]);
    for (const auto& [letter, side] : {std::pair{'H', size[0]}, std::pair{'W', size[1]}}) {
      const Dim whole = shapes.symbols ? shapes.symbols->resolve(shapes[letter]) : shapes[letter];
      if (whole.is_known()) check(whole.value(), side, letter == 'H' ? "height" : "width");
    }
  }

  Out<"crop", "like map[B,C,M,N]"> run(In<"map", "any[B,C,H,W]"> map) {
    check(map->size(2), size[0], "height");  // where files have the size
    check(map->size(3), size[1], "width");
    const int64_t top = (map->size(2) - size[0]) / 2, left = (map->size(3) - size[1]) / 2;
    return map->narrow(2, top, size[0]).narrow(3, left, size[1]);
  }

 private:
  void check(int64_t whole, int64_t side, const char* what) const {
    if (whole >= side) return;
    throw Error(Exit::Graph, text("image.centre_crop crops to ", size[0], "x", size[1], " pixels, but the map has a ",
                                  what, " of ", whole));
  }
};

}  // namespace

void add_centre_crop(Registry& registry) {
  registry.add<CentreCrop>("image.centre_crop");
}

}  // namespace weft::image
