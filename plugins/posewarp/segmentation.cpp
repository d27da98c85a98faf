#include "framework/nn/halvings.h"
#include "plugins/posewarp/geometry.h"
#include "plugins/posewarp/network.h"
#include <weft/node.h>

#include <ATen/ops/softmax.h>

namespace weft::posewarp {
namespace {

/// Cuts a person into limbs. Keys segmentation.net.*, segmentation.masks.*; the image is BGR inside, as in the original.
///
/// Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", section 3.1.
struct Segmentation : nn::Module {
  static constexpr auto about =
      "PoseWarp source segmentation: masks of the background and of ten limbs of a person, from the image and its "
      "joints: softmax of what a U-Net adds to Gaussians along the limbs";

  int64_t features = 64;

  void params(Params& p) {
    p("features", features, "channels of the first maps; later ones have twice as many").min(2).max(kMostFeatures);
  }

  void build(const Shapes& shapes) {
    nn::check_halvings("posewarp.segmentation", shapes.known("H"), shapes.known("W"), Unet::kHalvings);
    net_.emplace(*this, "segmentation.net", UnetOptions{.in = 3, .features = features, .last = features / 2});
    masks_.emplace(*this, "segmentation.masks", keras_conv(features / 2, kLimbs + 1, 3));
  }

  Out<"masks", "semantics[B,11,H,W]"> run(In<"image", "image[B,3,H,W]"> image, In<"joints", "keypoints[B,14,3]"> joints,
                                          Context& context) {
    const int64_t height = image->size(2), width = image->size(3);
    const auto type = context.precision();
    const at::Tensor pose = nn::enter(heatmaps(*joints, height, width), type);  // [B, 14, H/2, W/2]
    const at::Tensor scores = nn::widened((*masks_)((*net_)(nn::enter(image->flip(1), type), pose)));  // [B, 11, H, W]
    return at::softmax(scores + mask_prior(*joints, height, width), 1);
  }

 private:
  std::optional<Unet> net_;
  std::optional<nn::Conv2d> masks_;
};

}  // namespace

void add_segmentation(Registry& registry) {
  registry.add<Segmentation>("posewarp.segmentation");
}

}  // namespace weft::posewarp
