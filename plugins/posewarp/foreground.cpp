#include "framework/nn/halvings.h"
#include "plugins/posewarp/geometry.h"
#include "plugins/posewarp/network.h"
#include <weft/node.h>

#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>

namespace weft::posewarp {
namespace {

/// Keys foreground.net.*, foreground.image.*, foreground.mask.*; images are BGR inside, as in the original.
///
/// Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", sections 3.2 and 3.3.
struct Foreground : nn::Module {
  static constexpr auto about =
      "PoseWarp foreground synthesis: moves the limbs of a person by the similarity transforms from the target's "
      "joints "
      "to the source's, and draws the person in the target pose from them, with a mask for image.blend";

  int64_t features = 64;

  void params(Params& p) {
    p("features", features, "channels of the first maps; later ones have twice as many").min(2).max(kMostFeatures);
  }

  void build(const Shapes& shapes) {
    nn::check_halvings("posewarp.foreground", shapes.known("H"), shapes.known("W"), Unet::kHalvings);
    net_.emplace(*this, "foreground.net", UnetOptions{.in = 3 * kLimbs, .features = features, .last = features});
    image_.emplace(*this, "foreground.image", keras_conv(features, 3, 3));
    mask_.emplace(*this, "foreground.mask", keras_conv(features, 1, 3));
  }

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"mask", "foreground_mask[B,1,H,W]">> run(
      In<"image", "image[B,3,H,W]"> image, In<"masks", "semantics[B,11,H,W]"> masks,
      In<"source", "keypoints[B,14,3]"> source, In<"target", "keypoints[B,14,3]"> target, Context& context) {
    const auto type = context.precision();
    const at::Tensor parts = moved_parts(image->flip(1), *masks, limb_transforms(*source, *target));  // [B, 33, H, W]
    const at::Tensor limbs = parts.narrow(1, 3, 3 * kLimbs);
    const at::Tensor pose = heatmaps(*target, image->size(2), image->size(3));
    const at::Tensor drawn = (*net_)(nn::enter(limbs, type), nn::enter(pose, type));
    return {nn::widened(at::tanh((*image_)(drawn))).flip(1), nn::widened(at::sigmoid((*mask_)(drawn)))};
  }

 private:
  std::optional<Unet> net_;
  std::optional<nn::Conv2d> image_, mask_;
};

}  // namespace

void add_foreground(Registry& registry) {
  registry.add<Foreground>("posewarp.foreground");
}

}  // namespace weft::posewarp
