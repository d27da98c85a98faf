#include <weft/node.h>

#include <ATen/ops/lerp.h>

namespace weft::image {
namespace {

/// Blends the warped previous frame with the newly generated one, or a background with a foreground.
///
///   blended = (1 - mask) * under + mask * over
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.
struct Blend {
  static constexpr auto about = "Blends two maps by a mask: (1 - mask) * under + mask * over; a bypass gives `over`";
  static constexpr auto passes = "over";

  Out<"blended", "like over[B,C,H,W]"> run(In<"under", "any[B,C,H,W]"> under, In<"over", "any[B,C,H,W]"> over,
                                           In<"mask", "mask[B,1,H,W]"> mask) {
    const at::ScalarType type = over->scalar_type();
    return at::lerp(under->to(type), *over, mask->to(type));
  }
};

}  // namespace

void add_blend(Registry& registry) {
  registry.add<Blend>("image.blend");
}

}  // namespace weft::image
