#include "framework/nn/resnet_stack.h"
#include "plugins/vid2vid/norm.h"

#include <ATen/TensorOperators.h>

#include <algorithm>
#include <optional>

namespace weft::vid2vid {
namespace {

/// Encodes conditions and past frames, each by its own encoder, and adds them up.
///
///   d = down_seg(s[t-L..t]) + down_img(x[t-L..t-1])
///
/// Frames are images, or maps of class probabilities where it predicts segmentations.
/// At scale 0 an encoder halves its maps `down` times and ends in residual blocks; at finer scales it halves them once.
/// Keys model_down_seg, model_down_img. Source: Wang et al. 2018, section 3.1 and appendix A.
struct Trunk : nn::Module {
  static constexpr auto about =
      "Trunk of the vid2vid generator: encodes conditions and past frames (images, or maps of class probabilities) "
      "and adds their features, the input of the branches";

  int64_t scale = 0, features = 128, blocks = 9, down = 3;
  NormParams norm;

  void params(Params& p) {
    p("scale", scale,
      "0 is the coarsest scale, with residual blocks; finer scales add to the features of the next coarser one")
        .min(0);
    p("features", features, "channels after the first layer").min(1).max(nn::kMostFeatures);
    p("blocks", blocks,
      "residual blocks; the number in trunk and branch together, of which half, rounded up, are here (scale 0 only)")
        .min(0)
        .max(nn::kMostBlocks);
    p("down", down, "how often maps are halved (scale 0; finer scales halve once)").min(1).max(nn::kMostDown);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const {
    const int64_t halvings = scale == 0 ? down : 1;
    shapes.set('F', features << halvings);
    shapes.set('M', shapes['H'] / (int64_t{1} << halvings));
    shapes.set('N', shapes['W'] / (int64_t{1} << halvings));
  }

  void build(const Shapes& shapes) {
    make(labels_, "model_down_seg", shapes.known("S") * shapes.known("C"));
    make(past_, "model_down_img", shapes.known("P") * shapes.known("D"));
  }

  Out<"feature", "feature[B,F,M,N]"> run(In<"s", "conditions[B,S,C,H,W]"> s, In<"x", "any[B,P,D,H,W]"> x,
                                         Context& context) {
    const auto type = context.precision();
    at::Tensor conditions = (*labels_)(nn::enter(s.map_or_ids(), type));  // [B, S*C, H, W] -> [B, F, M, N]
    return conditions + (*past_)(nn::enter(x.channels(), type));          // [B, P*D, H, W] -> [B, F, M, N]
  }

 private:
  void make(std::optional<nn::ResnetStack>& encoder, const std::string& name, int64_t in) {
    encoder.emplace(*this, name).conv7(in, features, norm.options);
    const int64_t halvings = scale == 0 ? down : 1;
    for (int64_t i = 0; i < halvings; ++i) encoder->half(features << i, features << (i + 1), norm.options);
    if (scale == 0) encoder->blocks(blocks - blocks / 2, features << halvings, norm.options);
  }

  std::optional<nn::ResnetStack> labels_, past_;
};

}  // namespace

void add_trunk(Registry& registry) {
  registry.add<Trunk>("vid2vid.trunk");
}

}  // namespace weft::vid2vid
