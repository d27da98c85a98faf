#include <weft/backbones.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

namespace weft::metric {
namespace {

using backbones::ResNext3d;

/// Features of clips for the video FID.
struct ResNext3dFeatures : nn::Module {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "3-D ResNeXt features of clips, for the video FID of vid2vid with metric.frechet: 2048 numbers, the mean over "
      "frames "
      "and pixels. Takes a window of frames, usually 16: in = \"x[t-15..t]\" and every = 16 for clips that do not "
      "overlap. Keys are those of resnext-101-kinetics.pth below `module.`";

  enum class Network { ResNext101, ResNext50 };
  Network network = Network::ResNext101;
  int64_t side = 112;

  void params(Params& p) {
    p("network", network, "the network: 101 layers, as published for vid2vid, or 50",
      {{"resnext101", Network::ResNext101}, {"resnext50", Network::ResNext50}});
    p("side", side, "height and width in pixels to which the middle of each frame is resized").min(1);
  }

  void build(const Shapes&) {
    backbones::ResNext3dOptions options;
    if (network == Network::ResNext50) options.blocks = {3, 4, 6, 3};
    network_.emplace(*this, "", options);
  }

  Out<"features", "feature[B,2048,1,1]"> run(In<"clip", "image[B,T,3,H,W]"> clip, Context& context) {
    const c10::NoGradGuard no_gradients;
    const at::Tensor resized = backbones::resized_clip_antialiased(clip->transpose(1, 2).to(at::kFloat), side);
    const at::Tensor mean =
        at::tensor(at::ArrayRef<double>(ResNext3d::kMean.data(), 3), resized.options()).view({1, 3, 1, 1, 1});
    const at::Tensor bytes = (resized + 1) * 127.5 - mean;  // [B, 3, T, side, side]
    const at::Tensor features = ResNext3d::features(nn::widened(network_->maps(nn::enter(bytes, context.precision()))));
    return features.unsqueeze(2).unsqueeze(3);
  }

 private:
  std::optional<ResNext3d> network_;
};

}  // namespace

void add_resnext3d_features(Registry& registry) {
  registry.add<ResNext3dFeatures>("metric.resnext3d_features");
}

}  // namespace weft::metric
