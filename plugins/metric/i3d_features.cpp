#include "framework/base/error.h"
#include "framework/base/text.h"
#include <weft/backbones.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <map>

namespace weft::metric {
namespace {

using backbones::I3d;

/// Features of clips for FVD, KVD and the video FID.
struct I3dFeatures : nn::Module {
  enum class Layer { Logits, Pool, Positions };

  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "I3D features of clips, for FVD and KVD (layer \"logits\") and the video FID of vid2vid (layer \"avg_pool\"), "
      "with "
      "metric.frechet and metric.kernel_distance. Takes a window of frames, usually 16: in = \"x[t-15..t]\" and "
      "every = 16 for clips that do not overlap. Keys are those of rgb_imagenet.pt";

  Layer layer = Layer::Logits;
  backbones::ClipShape form = backbones::ClipShape::Square;
  int64_t side = 224;

  void params(Params& p) {
    p("layer", layer,
      "\"logits\": 400 class scores, averaged over time, as in FVD; \"avg_pool\": 1024 numbers; \"mixed_5c\": a map of "
      "1024 channels, frames side by side",
      {{"logits", Layer::Logits}, {"avg_pool", Layer::Pool}, {"mixed_5c", Layer::Positions}});
    p("preprocess", form,
      "\"square\": each frame is resized to side x side (original FVD, VideoGPT, cd-fvd); \"crop\": the short side, "
      "and "
      "the middle is cut out (StyleGAN-V)",
      {{"square", backbones::ClipShape::Square}, {"crop", backbones::ClipShape::Crop}});
    p("side", side, "height and width in pixels; 224 for published numbers").min(I3d::kLeastSide);
  }

  void shape(Shapes& shapes) const {
    shapes.set('F', layer == Layer::Logits ? 400 : 1024);
    if (layer == Layer::Positions) return;
    shapes.set('M', 1);
    shapes.set('N', 1);
  }

  void build(const Shapes&) { network_.emplace(*this, "", backbones::I3dOptions{}); }

  Out<"features", "feature[B,F,M,N]"> run(In<"clip", "image[B,T,3,H,W]"> clip, Context& context) {
    const c10::NoGradGuard no_gradients;
    if (clip->size(1) < I3d::kLeastFrames) {
      throw Error(Exit::Graph, text("metric.i3d_features wants clips of at least ", I3d::kLeastFrames,
                                    " frames, but has ", clip->size(1)))
          .hint("in = \"x[t-15..t]\" is a clip of 16");
    }
    const at::Tensor resized = backbones::resized_clip(clip->transpose(1, 2).to(at::kFloat), side, form);
    const at::Tensor maps = network_->maps(nn::enter(resized, context.precision()));  // [B, 1024, t, h, w]
    if (layer == Layer::Positions) return nn::widened(maps.flatten(3, 4));            // [B, 1024, t, h*w]
    const at::Tensor averages = I3d::averages(maps);
    const at::Tensor chosen = layer == Layer::Logits ? network_->logits(averages) : averages;
    return nn::widened(chosen).mean({2, 3, 4}).unsqueeze(2).unsqueeze(3);  // [B, F, 1, 1]
  }

 private:
  std::optional<I3d> network_;
};

}  // namespace

void add_i3d_features(Registry& registry) {
  registry.add<I3dFeatures>("metric.i3d_features");
}

}  // namespace weft::metric
