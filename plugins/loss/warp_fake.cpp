#include "plugins/loss/masked.h"
#include <weft/node.h>
#include <weft/vision.h>

namespace weft::loss {
namespace {

/// Synthesised frames should move as the reference flow says. The moved previous frame is a target: only the new frame
/// learns.
///
/// Source: the program of Wang et al. 2018 (G_Warp); the paper does not have it.
struct WarpFake {
  static constexpr auto about =
      "Warping loss of a generated frame: mean |confidence * (image - warped previous)|, with the previous generated "
      "frame warped by the reference flow; no gradient goes into the previous frame (vid2vid's program)";

  Out<"value", "scalar"> run(In<"image", "image[B,3,H,W]"> image, In<"previous", "image[B,3,H,W]"> previous,
                             In<"flow", "flow[B,2,H,W]"> flow, Opt<"confidence", "mask[B,1,H,W]"> confidence) {
    const at::Tensor target = vision::warp(previous->detach(), flow->detach());
    return masked_l1(*image, target, confidence ? &*confidence : nullptr);
  }
};

}  // namespace

void add_warp_fake(Registry& registry) {
  registry.add<WarpFake>("loss.warp_fake");
}

}  // namespace weft::loss
