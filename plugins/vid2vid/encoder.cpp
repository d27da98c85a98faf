#include "framework/nn/resnet_stack.h"
#include "framework/vision/region_mean.h"
#include "plugins/vid2vid/norm.h"

#include <optional>

namespace weft::vid2vid {
namespace {

/// Appearance features of an image, one vector for each region.
///
/// Keys model.*. Source: Wang et al. 2018, "High-Resolution Image Synthesis…", section 3.4: instance-wise average
/// pooling.
struct Encoder : nn::Module {
  static constexpr auto about =
      "Encoder of appearance (pix2pixHD): features of an image, averaged over each instance or region";

  int64_t out = 16, features = 16, down = 4;
  NormParams norm{{.kind = nn::NormOptions::Kind::Instance}};

  void params(Params& p) {
    p("out", out, "channels of the features").min(1);
    p("features", features, "channels after the first layer").min(1).max(nn::kMostFeatures);
    p("down", down, "how often maps are halved").min(1).max(nn::kMostDown);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', shapes['H'] / (int64_t{1} << down));
    shapes.set('N', shapes['W'] / (int64_t{1} << down));
  }

  void build(const Shapes& shapes) {
    model_.emplace(*this, "model")
        .body({.in = shapes.known("C"), .features = features, .down = down, .blocks = 0, .norm = norm.options});
    model_->head(features, out, nn::ResnetStack::Activation::Tanh);
  }

  Out<"feature", "feature[B,out,H,W]"> run(In<"image", "any[B,C,H,W]"> image, In<"regions", "any[B,1,H,W]"> regions,
                                           Context& context) {
    return vision::region_mean((*model_)(nn::enter(*image, context.precision())), *regions);
  }

 private:
  std::optional<nn::ResnetStack> model_;
};

}  // namespace

void add_encoder(Registry& registry) {
  registry.add<Encoder>("vid2vid.encoder");
}

}  // namespace weft::vid2vid
