#include "plugins/pix2pixhd/global.h"

#include <ATen/TensorOperators.h>

#include <optional>

namespace weft::pix2pixhd {
namespace {

/// What all levels of local enhancers share: layers at one size, around the features of the size below.
///
///   up(down(s) + below)
///
/// Keys model{level}_1.*, model{level}_2.*. Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic
/// Manipulation with Conditional GANs", section 3.1.
struct LocalLevel : nn::Module {
  static constexpr auto kName = "a local enhancer of pix2pixHD";

  int64_t level = 1, features = 32, blocks = 3;
  NormParams norm;

  void params(Params& p) {
    p("level", level, "number of the enhancer in the published keys: 1 is the one above the global generator")
        .min(1)
        .max(nn::kMostDown);
    p("features", features, "channels at this size; the features from below have twice as many")
        .min(1)
        .max(nn::kMostFeatures);
    p("blocks", blocks, "residual blocks").min(0).max(nn::kMostBlocks);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const {
    check_halvings(kName, shapes, 1);
    shapes.set('F', 2 * features);
    shapes.set('K', features);
    shapes.set('M', shapes['H'] / 2);
    shapes.set('N', shapes['W'] / 2);
  }

  void build(const Shapes& shapes) {
    const nn::NormOptions options = norm.options();
    down_.emplace(*this, text("model", level, "_1"))
        .conv7(shapes.known("C"), features, options)
        .half(features, 2 * features, options);
    up_.emplace(*this, text("model", level, "_2"))
        .blocks(blocks, 2 * features, options)
        .twice(2 * features, features, options);
  }

 protected:
  /// [B, C, H, W] and [B, 2 features, H/2, W/2] -> what the last layers of the level give.
  at::Tensor computed(const nn::MapOrIds& s, const at::Tensor& below, at::ScalarType type) const {
    nn::check_halvings(kName, s.size(2), s.size(3), 1);
    return (*up_)((*down_)(nn::enter(s, type)) + nn::enter(below, type));
  }

  std::optional<nn::ResnetStack> down_, up_;
};

/// The last level, which gives the image.
struct LocalEnhancer : LocalLevel {
  static constexpr auto about =
      "Local enhancer of pix2pixHD: generates an image from the conditions at full size and the features of half the "
      "size, those of pix2pixhd.global_features or of another enhancer";

  void build(const Shapes& shapes) {
    LocalLevel::build(shapes);
    up_->head(features, 3, nn::ResnetStack::Activation::Tanh);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, In<"below", "feature[B,F,M,N]"> below,
                                     Context& context) {
    return nn::widened(computed(s.map_or_ids(), *below, context.precision()));
  }
};

/// A level that another one stands on.
struct LocalFeatures : LocalLevel {
  static constexpr auto about =
      "Local enhancer of pix2pixHD below another one: gives features instead of an image, for the enhancer of twice "
      "the size";

  Out<"feature", "feature[B,K,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, In<"below", "feature[B,F,M,N]"> below,
                                         Context& context) {
    return computed(s.map_or_ids(), *below, context.precision());
  }
};

}  // namespace

void add_local_enhancer(Registry& registry) {
  registry.add<LocalEnhancer>("pix2pixhd.local_enhancer");
  registry.add<LocalFeatures>("pix2pixhd.local_features");
}

}  // namespace weft::pix2pixhd
