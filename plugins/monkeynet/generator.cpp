#include "plugins/monkeynet/generator_network.h"
#include "plugins/monkeynet/node_parts.h"

namespace weft::monkeynet {
namespace {

/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.3.
struct Generator : nn::Module {
  static constexpr auto about =
      "Monkey-Net generator (motion transfer): generates the source as the driving keypoints have it, from features of "
      "the source that are moved by a dense motion; `warped` is the source itself, moved";

  GeneratorOptions options;
  double heatmap_divisor = 100;

  void params(Params& p) {
    using enum GeneratorOptions::Interpolation;
    add_params(p, options.hourglass);
    add_params(p, options.embedding, heatmap_divisor);
    p("refinement_blocks", options.refinement_blocks, "residual blocks behind the decoder (num_refinement_blocks)")
        .min(0)
        .max(64);
    p("interpolation", options.interpolation,
      "how the motion comes to the sizes of the maps (interpolation_mode): \"trilinear\" has no interpolation over "
      "time",
      {{"nearest", Nearest}, {"trilinear", Trilinear}});
  }

  void build(const Shapes& shapes) {
    check_sides("monkeynet.generator", shapes, 1, options.hourglass.blocks);
    options.embedding.keypoints = shapes.known("K");
    options.embedding.divisor = divisor_of(heatmap_divisor);
    network_.emplace(*this, "", options);
  }

  std::tuple<Out<"image", "image[B,3,H,W]">, Out<"warped", "image[B,3,H,W]">> run(
      In<"image", "image[B,3,H,W]"> image, In<"motion", "feature[B,2,M,N]"> motion,
      In<"source", "feature[B,K,5]"> source, In<"driving", "feature[B,K,5]"> driving, Context& context) {
    const at::Tensor positions = motion->permute({0, 2, 3, 1}).unsqueeze(1);  // [B, 1, M, N, 2]
    const auto made =
        (*network_)(clip_of(*image), positions, unpacked(*source), unpacked(*driving), context.precision());
    return {image_of(made.image), image_of(made.warped)};
  }

 private:
  std::optional<GeneratorNetwork> network_;
};

}  // namespace

void add_generator(Registry& registry) {
  registry.add<Generator>("monkeynet.generator");
}

}  // namespace weft::monkeynet
