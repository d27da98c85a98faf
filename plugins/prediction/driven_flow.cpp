#include "plugins/prediction/turned_flow.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::prediction {
namespace {

/// The flow that a drive gives: flow(p) = speed * per_metre(p) + turned(p). The opposite of prediction.flow_per_metre.
struct DrivenFlow {
  static constexpr auto about =
      "Flow that follows from what the driver does: the metres times the flow for a metre straight ahead, and the flow "
      "of turning, which is the same at each depth";

  double field_of_view = 60;

  void params(Params& p) {
    p("field_of_view", field_of_view, "of the camera, horizontal, in degrees").min(10).max(170);
  }

  Out<"flow", "flow[B,2,H,W]"> run(In<"per_metre", "flow[B,2,H,W]"> per_metre, In<"speed", "scalar"> speed,
                                   In<"steering", "scalar"> steering) {
    return speed->to(per_metre->options()) * *per_metre + turned_flow(*speed * *steering, field_of_view, *per_metre);
  }
};

}  // namespace

void add_driven_flow(Registry& registry) {
  registry.add<DrivenFlow>("prediction.driven_flow");
}

}  // namespace weft::prediction
