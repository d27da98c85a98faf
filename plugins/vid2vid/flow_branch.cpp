#include "plugins/vid2vid/branch.h"

#include <ATen/TensorOperators.h>

namespace weft::vid2vid {
namespace {

/// Where pixels of the new frame come from in the last one, and where they come from nowhere.
///
///   flow = range * 2^scale * final_flow(features), in pixels of its own scale
///
/// Keys model_res_flow, model_up_flow, model_final_flow, model_final_w. Source: Wang et al. 2018, section 3.1, w and m.
struct FlowBranch : nn::Module {
  static constexpr auto about =
      "Flow branch of the vid2vid generator: predicts backward flow to the last frame, and the occlusion mask, 1 where "
      "the frame must be newly generated";

  Branch branch;
  double range = 20;
  void params(Params& p) {
    branch.declare(p);
    p("range", range, "pixels of flow for a value of 1 in the last layer at scale 0; doubles with each scale").above(0);
  }
  void shape(Shapes& shapes) const { branch.shape(shapes); }

  void build(const Shapes&) {
    branch.build(*this, "flow");
    flow_.emplace(*this, "model_final_flow").head(branch.features, 2, nn::ResnetStack::Activation::None);
    mask_.emplace(*this, "model_final_w").head(branch.features, 1, nn::ResnetStack::Activation::Sigmoid);
  }

  std::tuple<Out<"flow", "flow[B,2,H,W]">, Out<"mask", "mask[B,1,H,W]">, Out<"feature", "feature[B,K,H,W]">> run(
      In<"trunk", "feature[B,F,M,N]"> trunk, Opt<"up", "feature[B,F,M,N]"> up) {
    const at::Tensor feature = branch(*trunk, up ? &*up : nullptr);  // [B, K, H, W]
    const double pixels = range * static_cast<double>(int64_t{1} << branch.scale);
    return {nn::widened((*flow_)(feature)) * pixels, nn::widened((*mask_)(feature)), feature};
  }

 private:
  std::optional<nn::ResnetStack> flow_, mask_;
};

}  // namespace

void add_flow_branch(Registry& registry) {
  registry.add<FlowBranch>("vid2vid.flow_branch");
}

}  // namespace weft::vid2vid
