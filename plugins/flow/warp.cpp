#include <weft/nn.h>
#include <weft/node.h>

namespace weft::flow {
namespace {

/// Moves the previous frame along the flow.
///
///   warped(p) = image(p + flow(p))
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.2.
struct Warp {
  static constexpr auto about =
      "Samples an image where a backward flow points to: warped(p) = image(p + flow(p)), bilinear, borders repeated";
  static constexpr auto passes = "image";

  Out<"warped", "like image[B,C,H,W]"> run(In<"image", "any[B,C,H,W]"> image, In<"flow", "flow[B,2,H,W]"> flow) {
    return nn::warp(*image, *flow);
  }
};

}  // namespace

void add_warp(Registry& registry) {
  registry.add<Warp>("flow.warp");
}

}  // namespace weft::flow
