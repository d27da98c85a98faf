#include "framework/weights/shape_text.h"
#include "plugins/flow/flownet.h"
#include "plugins/flow/operators.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <c10/core/GradMode.h>

namespace weft::flow {
namespace {

constexpr int64_t kMultiple = 64;

at::Tensor resized(const at::Tensor& map, int64_t height, int64_t width) {
  return at::upsample_bilinear2d(map, {height, width}, /*align_corners=*/false);
}

/// Reference flow for training and for metrics.
///
/// Source: Ilg et al. 2017, "FlowNet 2.0: Evolution of Optical Flow Estimation with Deep Networks"; confidence as in the
/// program of Wang et al. 2018, "Video-to-Video Synthesis".
struct FlowNet2Node : nn::Module {
  static constexpr auto about =
      "FlowNet2, optical flow estimation: the flow from the current frame back to the previous one, and its "
      "confidence. Gradients stop here. Weights: the `state_dict` of FlowNet2_checkpoint.pth.tar, prefix = "
      "\"state_dict\"";
  static constexpr bool stops_gradients = true;

  double threshold = 0.02;
  bool scale_by_height = false;

  void params(Params& p) {
    p("threshold", threshold,
      "confidence is 1 where the squared difference between the current frame and the warped previous one, summed over "
      "the channels, is below this; images are in [-1, 1]")
        .above(0);
    p("scale_by_height", scale_by_height,
      "how flow is scaled back: frames are resized to multiples of 64 pixels for the network; true multiplies both "
      "components of the flow by the factor of the heights, as the original program does, false multiplies each by its "
      "own factor");
  }

  void build(const Shapes&) { network_.emplace(*this, ""); }

  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"confidence", "mask[B,1,H,W]">> run(
      In<"current", "image[B,3,H,W]"> current, In<"previous", "image[B,3,H,W]"> previous, Context& context) {
    const c10::NoGradGuard no_gradients;
    const int64_t height = current->size(2), width = current->size(3);
    const int64_t fit_height = height / kMultiple * kMultiple, fit_width = width / kMultiple * kMultiple;
    if (fit_height == 0 || fit_width == 0) {
      throw Error(Exit::Graph,
                  text("flow.flownet2 wants frames of at least 64x64 pixels, but got ", weights::shape_text(*current)))
          .hint("enlarge the frames with image.resize first, and the flow afterwards");
    }
    at::Tensor now = current->to(at::kFloat), before = previous->to(at::kFloat);
    const bool fits = fit_height == height && fit_width == width;
    if (!fits) {
      now = resized(now, fit_height, fit_width);
      before = resized(before, fit_height, fit_width);
    }
    at::Tensor flow = (*network_)(now, before, context.precision());
    at::Tensor confidence = ((now - resample(before, flow)).square().sum(1, true) < threshold).to(at::kFloat);
    if (fits) return {flow, confidence};
    flow = resized(flow, height, width);
    const double by_height = static_cast<double>(height) / static_cast<double>(fit_height);
    const double by_width = static_cast<double>(width) / static_cast<double>(fit_width);
    flow.select(1, 0).mul_(scale_by_height ? by_height : by_width);
    flow.select(1, 1).mul_(by_height);
    return {flow, resized(confidence, height, width)};
  }

 private:
  std::optional<FlowNet2> network_;
};

}  // namespace

void add_flownet2(Registry& registry) {
  registry.add<FlowNet2Node>("flow.flownet2");
}

}  // namespace weft::flow
