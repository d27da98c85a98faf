#include "framework/vision/region_mean.h"
#include "plugins/pix2pixhd/global.h"

#include <optional>

namespace weft::pix2pixhd {
namespace {

/// Appearance features of an image, one vector for each instance.
///
/// Keys model.*. Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with Conditional
/// GANs", section 3.4. Instance ids are whole numbers here; the original reads those of 8-bit files as fractions, of which
/// the whole part is 0.
struct Encoder : nn::Module {
  static constexpr auto kName = "pix2pixhd.encoder";
  static constexpr auto about =
      "Encoder of pix2pixHD: appearance features of an image, averaged over each instance; `map` is the features "
      "before the mean";

  int64_t out = 3, features = 16, down = 4;
  NormParams norm;

  void params(Params& p) {
    p("out", out, "channels of the features").min(1).max(nn::kMostFeatures);
    p("features", features, "channels after the first layer").min(1).max(nn::kMostFeatures);
    p("down", down, "how often maps are halved").min(1).max(nn::kMostDown);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const { check_halvings(kName, shapes, down, /*reflects=*/false); }

  void build(const Shapes& shapes) {
    model_.emplace(*this, "model")
        .body({.in = shapes.known("C"), .features = features, .down = down, .blocks = 0, .norm = norm.options()});
    model_->head(features, out, nn::ResnetStack::Activation::Tanh);
  }

  std::tuple<Out<"feature", "feature[B,out,H,W]">, Out<"map", "feature[B,out,H,W]">> run(
      In<"image", "any[B,C,H,W]"> image, In<"instances", "any[B,1,H,W]"> instances, Context& context) {
    nn::check_halvings(kName, image->size(2), image->size(3), down);
    const at::Tensor map = nn::widened((*model_)(nn::enter(*image, context.precision())));
    return {vision::region_mean(map, *instances), map};
  }

 private:
  std::optional<nn::ResnetStack> model_;
};

}  // namespace

void add_encoder(Registry& registry) {
  registry.add<Encoder>(Encoder::kName);
}

}  // namespace weft::pix2pixhd
