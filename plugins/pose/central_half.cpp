#include <weft/node.h>

namespace weft::pose {
namespace {

/// The middle of a wide frame, where the person is.
///
///   width = 2 * 32 * floor(floor(W / 4) / 32), around column W / 2
///
/// Source: Wang et al. 2018, program; docs/papers/vid2vid.md.
struct CentralHalf {
  static constexpr auto about =
      "Crops any map to its central half, in multiples of 64 columns: images, skeletons and DensePose maps of a person "
      "in the middle of a wide frame";
  static constexpr auto passes = "in";

  static int64_t half_of(int64_t width) { return width / 4 / 32 * 32; }

  static Error too_narrow(int64_t width) {
    return Error(Exit::Graph, text("the frame is ", width, " pixels wide, but its central half needs at least 128"))
        .hint("remove pose.central_half for frames of this width");
  }

  void shape(Shapes& shapes) const {
    const Dim width = shapes['W'];
    if (!width.is_known()) return;
    if (half_of(width.value()) == 0) throw too_narrow(width.value());
    shapes.set('X', Dim(2 * half_of(width.value())));
  }

  Out<"out", "like in[B,C,H,X]"> run(In<"in", "any[B,C,H,W]"> in) {
    const int64_t width = in->size(3), half = half_of(width);
    if (half == 0) throw too_narrow(width);
    return in->narrow(3, width / 2 - half, 2 * half);
  }
};

}  // namespace

void add_central_half(Registry& registry) {
  registry.add<CentralHalf>("pose.central_half");
}

}  // namespace weft::pose
