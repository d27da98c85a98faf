#include "framework/vision/warp.h"
#include "plugins/prediction/turned_flow.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::prediction {
namespace {

/// The flow of each pixel for a metre driven straight ahead, which says how near it is.
///
///   per_metre(p) = (speed * (flow(p) - turned(p)) + least^2 * before(p + flow(p))) / (speed^2 + least^2)
///
/// the least squares of flow over metres, with what was known before as a prior: who stands learns nothing about depth.
struct FlowPerMetre {
  static constexpr auto about =
      "Flow for a metre driven straight ahead, from the flow between two frames and what the driver did between them: "
      "the part of turning is subtracted, the rest divided by the metres. The slower the drive, the more of `before` "
      "is "
      "kept; what stands still at full speed, such as a car ahead, has zero flow";

  double field_of_view = 60;
  double least = 0.05;

  void params(Params& p) {
    p("field_of_view", field_of_view, "of the camera, horizontal, in degrees").min(10).max(170);
    p("least", least, "metres per frame at which flow and `before` count the same").above(0);
  }

  Out<"per_metre", "flow[B,2,H,W]"> run(In<"flow", "flow[B,2,H,W]"> flow, In<"speed", "scalar"> speed,
                                        In<"steering", "scalar"> steering, In<"before", "flow[B,2,H,W]"> before) {
    const at::Tensor metres = speed->to(flow->options());
    const at::Tensor ahead = *flow - turned_flow(*speed * *steering, field_of_view, *flow);
    const double prior = least * least;
    return (metres * ahead + prior * vision::warp(*before, *flow)) / (metres * metres + prior);
  }
};

}  // namespace

void add_flow_per_metre(Registry& registry) {
  registry.add<FlowPerMetre>("prediction.flow_per_metre");
}

}  // namespace weft::prediction
