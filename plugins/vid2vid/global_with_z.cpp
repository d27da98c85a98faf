#include "plugins/vid2vid/global.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>

namespace weft::vid2vid {
namespace {

/// A global generator that is also given a map of appearance features, which join at every stage.
///
/// Keys model_downsample, model_resnet, model_upsample, model_upsample_conv. Source: as GlobalGenerator, section 3.4.
struct GlobalWithZ : nn::Module {
  static constexpr auto about =
      "Global generator of pix2pixHD with appearance features: generates one image from conditions and a feature map "
      "(faces of vid2vid)";

  GlobalOptions options;
  void params(Params& p) { options.declare(p); }
  void shape(Shapes& shapes) const { options.check(shapes); }

  void build(const Shapes& shapes) {
    const int64_t z = shapes.known("Z"), features = options.features, down = options.down;
    const nn::NormOptions& norm = options.norm.options;
    down_.emplace(*this, "model_downsample").conv7(shapes.known("C") + z, features, norm);
    for (int64_t i = 0; i < down; ++i)
      down_->half(options.channels(features, i), options.channels(features, i + 1), norm);
    res_.emplace(*this, "model_resnet").blocks(options.blocks, options.channels(features, down) + z, norm);
    up_.emplace(*this, "model_upsample");
    for (int64_t i = down; i > 0; --i) {
      // The output of the blocks already contains z, and z is concatenated again.
      const int64_t joined = i == down ? 2 * z : 0;
      up_->twice(options.channels(features, i) + joined, options.channels(features, i - 1), norm);
    }
    final_.emplace(*this, "model_upsample_conv").head(features + z, 3, nn::ResnetStack::Activation::Tanh);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, In<"z", "feature[B,Z,H,W]"> z,
                                     Context& context) {
    const at::Tensor x = nn::enter(*s, context.precision()), appearance = nn::enter(*z, context.precision());
    at::Tensor small = appearance;
    for (int64_t i = 0; i < options.down; ++i)
      small = at::avg_pool2d(small, 3, 2, 1, false, /*count_include_pad=*/false);
    at::Tensor inner = (*down_)(at::cat({x, appearance}, 1));  // [B, F, M, N]
    inner = (*res_)(at::cat({inner, small}, 1));               // [B, F + Z, M, N]
    inner = (*up_)(at::cat({inner, small}, 1));                // [B, F + 2Z, M, N] -> [B, features, H, W]
    return nn::widened((*final_)(at::cat({inner, appearance}, 1)));
  }

 private:
  std::optional<nn::ResnetStack> down_, res_, up_, final_;
};

}  // namespace

void add_global_with_z(Registry& registry) {
  registry.add<GlobalWithZ>("vid2vid.global_with_z");
}

}  // namespace weft::vid2vid
