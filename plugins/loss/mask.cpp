#include "plugins/loss/masked.h"
#include <weft/node.h>

namespace weft::loss {
namespace {

/// Warp where that works, draw elsewhere.
///
/// Source: the program of Wang et al. 2018 (W), where there are no first frames; the paper does not have it.
struct MaskLoss {
  static constexpr auto about =
      "Occlusion mask penalty, mean |confidence * mask|: where the reference flow is reliable, the warped frame should "
      "suffice (vid2vid's program, for sequences without given first frames)";

  Out<"value", "scalar"> run(In<"mask", "mask[B,1,H,W]"> mask, Opt<"confidence", "mask[B,1,H,W]"> confidence) {
    const at::Tensor drawn = precise(*mask).abs();
    return (confidence ? drawn * *confidence : drawn).mean();
  }
};

}  // namespace

void add_mask(Registry& registry) {
  registry.add<MaskLoss>("loss.mask");
}

}  // namespace weft::loss
