#include "framework/vision/warp.h"
#include "plugins/prediction/lens.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::prediction {
namespace {

/// The flow that a drive leads to, at the pixels of the frame that it leads to:
///
///   flow(p)  = turned(p) + ahead(p + flow(p))
///   ahead(q) = speed * per_metre(q) / (1 - speed * nearness(q)),    at the pixels of the frame before
///
/// What comes near moves faster and faster. A gradient goes through the values of flow alone, not through where they are read
/// and by how much they grow: at edges it would be multiplied at each frame.
struct DrivenFlow {
  static constexpr auto about =
      "Flow that follows from what the driver does: the metres times the rate for a metre straight ahead, which grows "
      "as "
      "things come near, and the flow of turning, which is the same at each depth. `per_metre` is that of the frame "
      "before, the flow that of the frame which follows";

  Lens lens;

  void params(Params& p) { lens.params(p); }

  Out<"flow", "flow[B,2,H,W]"> run(In<"per_metre", "flow[B,2,H,W]"> per_metre, In<"speed", "scalar"> speed,
                                   In<"steering", "scalar"> steering) {
    constexpr int kSteps = 3;  // of the equation for flow(p), which stands on both of its sides
    const at::Tensor metres = speed->to(per_metre->options());
    const at::Tensor ahead = metres * *per_metre * lens.growth(*per_metre, metres);
    const at::Tensor turned = lens.turned(*speed * *steering, *per_metre);
    at::Tensor flow = turned + ahead;
    for (int step = 0; step < kSteps; ++step) flow = turned + vision::warp(ahead, flow.detach());
    return flow;
  }
};

}  // namespace

void add_driven_flow(Registry& registry) {
  registry.add<DrivenFlow>("prediction.driven_flow");
}

}  // namespace weft::prediction
