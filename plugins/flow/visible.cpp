#include "plugins/flow/operators.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>

namespace weft::flow {
namespace {

/// Where a pixel of one frame is seen in another, by the flows between them.
///
///   occluded where |back(p + flow) + flow|^2 > 0.01 (|back(p + flow)|^2 + |flow|^2) + 0.5
///   boundary where |grad u|^2 + |grad v|^2 > 0.01 |flow|^2 + 0.002
///
/// Source: Ruder et al. 2016, "Artistic Style Transfer for Videos", section 4.3, as Lai et al. 2018 use it.
struct Visible {
  static constexpr auto about =
      "Non-occlusion mask from forward-backward consistency of two flows: 1 where a pixel of this frame is visible in "
      "the other frame and the motion is smooth, else 0; use it in metric.warp_error where no exact mask is known";

  bool boundaries = true;

  void params(Params& p) {
    p("boundaries", boundaries, "motion boundaries count as not visible, because estimated flow is unreliable there");
  }

  Out<"visible", "mask[B,1,H,W]"> run(In<"flow", "flow[B,2,H,W]"> flow, In<"back", "flow[B,2,H,W]"> back) {
    const at::Tensor returned = resample(*back, *flow);
    const at::Tensor speed = square(*flow);  // [B, 1, H, W]
    at::Tensor hidden = square(returned + *flow) > (square(returned) + speed) * 0.01 + 0.5;
    if (boundaries) {
      const at::Tensor change = square(steps(*flow, 3)) + square(steps(*flow, 2));
      hidden = hidden.logical_or(change > speed * 0.01 + 0.002);
    }
    return hidden.logical_not().to(at::kFloat);
  }

 private:
  static at::Tensor square(const at::Tensor& vectors) { return vectors.square().sum(1, /*keepdim=*/true); }

  /// Differences to the next pixel along an axis, 0 at the last one.
  static at::Tensor steps(const at::Tensor& map, int64_t axis) {
    const int64_t pairs = map.size(axis) - 1;
    const at::Tensor inner = map.narrow(axis, 1, pairs) - map.narrow(axis, 0, pairs);
    return at::constant_pad_nd(inner, axis == 3 ? at::IntArrayRef({0, 1}) : at::IntArrayRef({0, 0, 0, 1}));
  }
};

}  // namespace

void add_visible(Registry& registry) {
  registry.add<Visible>("flow.visible");
}

}  // namespace weft::flow
