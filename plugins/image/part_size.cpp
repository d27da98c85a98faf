#include "plugins/image/part_size.h"

#include <ATen/core/Tensor.h>

namespace weft::image {
namespace {

void check_side(int64_t whole, int64_t side, const char* name, const std::string& what) {
  if (whole < side) throw Error(Exit::Graph, text(what, ", but the map has a ", name, " of ", whole));
}

}  // namespace

void declare_part(Shapes& shapes, const std::vector<int64_t>& size, const std::string& what) {
  shapes.set('M', size[0]);
  shapes.set('N', size[1]);
  for (const auto& [letter, side] : {std::pair{'H', size[0]}, std::pair{'W', size[1]}}) {
    const Dim whole = shapes.symbols ? shapes.symbols->resolve(shapes[letter]) : shapes[letter];
    if (whole.is_known()) check_side(whole.value(), side, letter == 'H' ? "height" : "width", what);
  }
}

void check_part(const at::Tensor& map, const std::vector<int64_t>& size, const std::string& what) {
  check_side(map.size(2), size[0], "height", what);
  check_side(map.size(3), size[1], "width", what);
}

}  // namespace weft::image
