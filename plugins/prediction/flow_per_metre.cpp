#include "framework/vision/warp.h"
#include "plugins/prediction/lens.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>

namespace weft::prediction {
namespace {

/// How fast each pixel moves for each metre driven straight ahead, which says how near it is.
///
///   m(p)         = (speed * (flow(p) - turned(p)) + least^2 * before(p + flow(p))) / (speed^2 + least^2)
///   per_metre(p) = m(p) / (1 - speed * nearness(m, p))
///
/// m is the least squares of flow over metres, with what was known before as a prior: who stands learns nothing about depth.
/// It is the mean of a step that has come nearer meanwhile; per_metre is the rate at its end.
struct FlowPerMetre {
  static constexpr auto about =
      "Rate at which pixels move for each metre driven straight ahead, from the flow between two frames and what the "
      "driver did between them: the part of turning is subtracted, the rest divided by the metres. The slower the "
      "drive, the more of `before` is kept; what stands still at full speed, such as a car ahead, has a rate of zero";

  Lens lens;
  double least = 0.05;

  void params(Params& p) {
    lens.params(p);
    p("least", least, "metres per frame at which flow and `before` count the same").above(0);
  }

  Out<"per_metre", "flow[B,2,H,W]"> run(In<"flow", "flow[B,2,H,W]"> flow, In<"speed", "scalar"> speed,
                                        In<"steering", "scalar"> steering, In<"before", "flow[B,2,H,W]"> before) {
    const at::Tensor metres = speed->to(flow->options());
    const at::Tensor ahead = *flow - lens.turned(*speed * *steering, *flow);
    const double prior = least * least;
    const at::Tensor mean =
        (metres * ahead + prior * vision::warp(*before, flow->detach())) / (metres * metres + prior);
    return mean * lens.growth(mean, metres);
  }
};

}  // namespace

void add_flow_per_metre(Registry& registry) {
  registry.add<FlowPerMetre>("prediction.flow_per_metre");
}

}  // namespace weft::prediction
