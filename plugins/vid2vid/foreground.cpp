#include "framework/nn/resnet_stack.h"
#include "plugins/vid2vid/norm.h"

#include <ATen/TensorOperators.h>

#include <optional>

namespace weft::vid2vid {
namespace {

/// Generates the foreground from the conditions alone, with small maps of its own: cars move too far for warping.
///
/// Keys indv_down, indv_res (scale 0), indv_up, indv_final. Source: Wang et al. 2018, section 3.3.
struct Foreground : nn::Module {
  static constexpr auto about =
      "Foreground branch of the vid2vid generator: generates the foreground (cars, people) from the conditions alone";

  int64_t scale = 0, features = 64, blocks = 9, down = 3;
  NormParams norm;

  void params(Params& p) {
    p("scale", scale, "0 is the coarsest scale; finer scales add to the features of the next coarser one").min(0);
    p("features", features, "channels after the first layer; the original uses half of the generator's where down > 2")
        .min(1)
        .max(nn::kMostFeatures);
    p("blocks", blocks, "residual blocks").min(0).max(nn::kMostBlocks);
    p("down", down, "how often maps are halved (scale 0; finer scales halve once)").min(1).max(nn::kMostDown);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const {
    shapes.set('J', features);
    shapes.set('M', shapes['H'] / (int64_t{1} << halvings()));  // that the maps can be halved so often
  }

  void build(const Shapes& shapes) {
    const int64_t channels = features << halvings();
    down_.emplace(*this, "indv_down").conv7(shapes.known("S") * shapes.known("C"), features, norm.options);
    for (int64_t i = 0; i < halvings(); ++i) down_->half(features << i, features << (i + 1), norm.options);
    if (scale == 0) res_.emplace(*this, "indv_res").blocks(blocks, channels, norm.options);
    up_.emplace(*this, "indv_up");
    if (scale > 0) up_->blocks(blocks, channels, norm.options);
    for (int64_t i = halvings(); i > 0; --i) up_->twice(features << i, features << (i - 1), norm.options);
    final_.emplace(*this, "indv_final").head(features, 3, nn::ResnetStack::Activation::Tanh);
  }

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"feature", "feature[B,J,H,W]">> run(
      In<"s", "conditions[B,S,C,H,W]"> s, Opt<"up", "feature[B,U,H/2,W/2]"> up, Context& context) {
    at::Tensor inner = (*down_)(nn::enter(s.map_or_ids(), context.precision()));  // [B, J*2^n, H/2^n, W/2^n]
    if (up) inner = inner + *up;
    if (res_) inner = (*res_)(inner);
    const at::Tensor feature = (*up_)(inner);  // [B, J, H, W]
    return {nn::widened((*final_)(feature)), feature};
  }

 private:
  int64_t halvings() const { return scale == 0 ? down : 1; }

  std::optional<nn::ResnetStack> down_, res_, up_, final_;
};

}  // namespace

void add_foreground(Registry& registry) {
  registry.add<Foreground>("vid2vid.foreground");
}

}  // namespace weft::vid2vid
