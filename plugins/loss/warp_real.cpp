#include "plugins/loss/masked.h"
#include <weft/node.h>
#include <weft/vision.h>

namespace weft::loss {
namespace {

/// The second term of the flow loss: the real previous frame, moved along the predicted flow, should be the real frame.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.1, L_W, which has no confidence.
struct WarpReal {
  static constexpr auto about =
      "Warping loss of a predicted flow: mean |confidence * (warped previous - image)| between the previous real "
      "frame, warped by the flow, and the real frame (L_W of vid2vid, second term)";

  Out<"value", "scalar"> run(In<"image", "image[B,3,H,W]"> image, In<"previous", "image[B,3,H,W]"> previous,
                             In<"flow", "flow[B,2,H,W]"> flow, Opt<"confidence", "mask[B,1,H,W]"> confidence) {
    return masked_l1(vision::warp(*previous, *flow), *image, confidence ? &*confidence : nullptr);
  }
};

}  // namespace

void add_warp_real(Registry& registry) {
  registry.add<WarpReal>("loss.warp_real");
}

}  // namespace weft::loss
