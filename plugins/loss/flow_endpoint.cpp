#include "plugins/loss/masked.h"
#include <weft/node.h>

namespace weft::loss {
namespace {

/// The first term of the flow loss: mean |flow - reference|, in pixels.
///
/// Source: Wang et al. 2018, "Video-to-Video Synthesis", section 3.1, L_W, which has no confidence.
struct FlowEndpoint {
  static constexpr auto about =
      "L1 flow loss between a predicted flow and a reference flow, in pixels: mean |confidence * (flow - reference)| "
      "(L_W of vid2vid, first term)";

  Out<"value", "scalar"> run(In<"flow", "flow[B,2,H,W]"> flow, In<"reference", "flow[B,2,H,W]"> reference,
                             Opt<"confidence", "mask[B,1,H,W]"> confidence) {
    return masked_l1(*flow, reference->detach(), confidence ? &*confidence : nullptr);
  }
};

}  // namespace

void add_flow_endpoint(Registry& registry) {
  registry.add<FlowEndpoint>("loss.flow_endpoint");
}

}  // namespace weft::loss
