#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::image {
namespace {

/// The inverse of a mask.
struct Invert {
  static constexpr auto about = "Inverts a mask: 1 - mask, for example the visible part from the occluded part";

  Out<"mask", "mask[B,1,H,W]"> run(In<"in", "mask[B,1,H,W]"> in) { return 1 - *in; }
};

}  // namespace

void add_invert(Registry& registry) {
  registry.add<Invert>("image.invert");
}

}  // namespace weft::image
