#include "framework/nn/halvings.h"
#include "plugins/posewarp/geometry.h"
#include "plugins/posewarp/network.h"
#include <weft/node.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/tanh.h>

namespace weft::posewarp {
namespace {

/// Keys background.net.*, background.image.*; images are BGR inside, as in the original.
///
/// Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", section 3.3.
struct Background : nn::Module {
  static constexpr auto about =
      "PoseWarp background synthesis: the image without its person, who is filled in, from the background's mask of "
      "posewarp.segmentation and the joints";

  int64_t features = 64;

  void params(Params& p) {
    p("features", features, "channels of the first maps; later ones have twice as many").min(2).max(kMostFeatures);
  }

  void build(const Shapes& shapes) {
    nn::check_halvings("posewarp.background", shapes.known("H"), shapes.known("W"), Unet::kHalvings);
    net_.emplace(*this, "background.net", UnetOptions{.in = 4, .features = features, .last = features});
    image_.emplace(*this, "background.image", keras_conv(features, 3, 3));
  }

  Out<"image", "image[B,3,H,W]"> run(In<"image", "image[B,3,H,W]"> image, In<"masks", "semantics[B,11,H,W]"> masks,
                                     In<"joints", "keypoints[B,14,3]"> joints, Context& context) {
    const auto type = context.precision();
    const at::Tensor mask = masks->narrow(1, 0, 1);
    const at::Tensor seen = at::cat({image->flip(1) * mask, mask}, 1);  // [B, 4, H, W]
    const at::Tensor pose = heatmaps(*joints, image->size(2), image->size(3));
    const at::Tensor drawn = (*net_)(nn::enter(seen, type), nn::enter(pose, type));
    return nn::widened(at::tanh((*image_)(drawn))).flip(1);
  }

 private:
  std::optional<Unet> net_;
  std::optional<nn::Conv2d> image_;
};

}  // namespace

void add_background(Registry& registry) {
  registry.add<Background>("posewarp.background");
}

}  // namespace weft::posewarp
