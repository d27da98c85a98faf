#include "plugins/vid2vid/global.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>

namespace weft::vid2vid {
namespace {

/// pix2pixHD's local enhancer: the global generator at half the size, and layers around it at full size.
///
///   image = model1_2(model1_1(s) + model(half(s)))
///
/// Keys model.*, model1_1.*, model1_2.*. Source: as GlobalGenerator.
struct LocalEnhancer : nn::Module {
  static constexpr auto about =
      "Local enhancer of pix2pixHD: generates one image at two scales, with the global generator at half the size and "
      "layers around it at full size";

  GlobalOptions global{.features = 32, .down = 4, .blocks = 9};
  int64_t local_blocks = 3;

  void params(Params& p) {
    global.declare(p);
    p("local_blocks", local_blocks, "residual blocks at full size").min(0);
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', shapes['H'] / (int64_t{2} << global.down));
    shapes.set('N', shapes['W'] / (int64_t{2} << global.down));
  }

  void build(const Shapes& shapes) {
    const int64_t in = shapes.known("C"), features = global.features;
    const nn::NormOptions& norm = global.norm.options;
    model_.emplace(*this, "model");
    global.add_body(*model_, in, 2 * features);
    down_.emplace(*this, "model1_1").conv7(in, features, norm).half(features, 2 * features, norm);
    up_.emplace(*this, "model1_2").blocks(local_blocks, 2 * features, norm).twice(2 * features, features, norm);
    up_->head(features, 3, nn::ResnetStack::Activation::Tanh);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, Context& context) {
    const at::Tensor x = nn::enter(*s, context.precision());
    const at::Tensor small =
        at::avg_pool2d(x, 3, 2, 1, /*ceil_mode=*/false, /*count_include_pad=*/false);  // [B, C, H/2, W/2]
    return nn::widened((*up_)((*down_)(x) + (*model_)(small)));  // [B, 2*features, H/2, W/2] -> [B, 3, H, W]
  }

 private:
  std::optional<nn::ResnetStack> model_, down_, up_;
};

}  // namespace

void add_local_enhancer(Registry& registry) {
  registry.add<LocalEnhancer>("vid2vid.local_enhancer");
}

}  // namespace weft::vid2vid
