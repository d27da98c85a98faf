#include "plugins/vid2vid/global.h"

namespace weft::vid2vid {
namespace {

/// pix2pixHD's global generator: one image from one map of conditions; vid2vid generates the first frame with it.
///
/// Keys model.*. Source: Wang et al. 2018, "High-Resolution Image Synthesis and Semantic Manipulation with
/// Conditional GANs".
struct GlobalGenerator : nn::Module {
  static constexpr auto about = "Global generator of pix2pixHD: generates one image from the conditions of one frame";

  GlobalOptions options;
  void params(Params& p) { options.declare(p); }
  void shape(Shapes& shapes) const { options.check(shapes); }

  void build(const Shapes& shapes) {
    model_.emplace(*this, "model");
    options.add_body(*model_, shapes.known("C"), options.features);
    model_->head(options.features, 3, nn::ResnetStack::Activation::Tanh);
  }

  Out<"image", "image[B,3,H,W]"> run(In<"s", "conditions[B,C,H,W]"> s, Context& context) {
    return nn::widened((*model_)(nn::enter(s.map_or_ids(), context.precision())));
  }

 private:
  std::optional<nn::ResnetStack> model_;
};

}  // namespace

void add_global_generator(Registry& registry) {
  registry.add<GlobalGenerator>("vid2vid.global_generator");
}

}  // namespace weft::vid2vid
