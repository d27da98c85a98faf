#include "plugins/monkeynet/discriminator_network.h"
#include "plugins/monkeynet/node_parts.h"
#include <weft/gan.h>

namespace weft::monkeynet {
namespace {

/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.4.
struct Discriminator : nn::Module {
  static constexpr auto about =
      "Monkey-Net discriminator: scores of real and generated frames beside the heatmaps of the driving keypoints; its "
      "features are the frames in [0, 1], then the map of each block, for monkeynet.reconstruction";

  DiscriminatorOptions options;
  int64_t reduction = 1;
  double heatmap_divisor = 100;

  void params(Params& p) {
    add_params(p, options.layers);
    add_params(p, options.embedding, heatmap_divisor);
    add_reduction(p, reduction);
  }

  void build(const Shapes& shapes) {
    options.scale = 1 / static_cast<double>(reduction);
    for (const char* side : {"H", "W"}) {
      if (DiscriminatorNetwork::pixels_left(shapes.known(side), options) >= 1) continue;
      throw Error(Exit::Graph, text("monkeynet.discriminator: frames of ", shapes.known("H"), 'x', shapes.known("W"),
                                    " are too small for ", count_text(options.layers.blocks, "block")))
          .hint("each block takes away 3 pixels and half of the rest: fewer `blocks`, or larger frames");
    }
    options.embedding.keypoints = shapes.known("K");
    options.embedding.divisor = divisor_of(heatmap_divisor);
    network_.emplace(*this, "", options);
  }

  Out<"judgement", record<gan::Judgement>> run(In<"real", "image[B,3,H,W]"> real, Many<"fake", "image[B,3,H,W]"> fake,
                                               In<"source", "feature[B,K,5]"> source,
                                               In<"driving", "feature[B,K,5]"> driving, Context& context) {
    const Keypoints from = unpacked(*source), to = unpacked(*driving);
    const auto judged = [&](const at::Tensor& image) {
      std::vector<at::Tensor> maps = (*network_)(clip_of(image), from, to, context.precision());
      for (at::Tensor& map : maps) map = nn::widened(map).squeeze(2);  // [B, C, h, w]
      gan::Verdict verdict;
      verdict.score = maps.back();
      maps.pop_back();
      verdict.features = std::move(maps);
      return verdict;
    };
    gan::Judgement judgement;
    judgement.real = {judged(*real)};
    for (const at::Tensor& image : fake.all()) judgement.fakes.push_back({judged(image)});
    return judgement;
  }

 private:
  std::optional<DiscriminatorNetwork> network_;
};

}  // namespace

void add_discriminator(Registry& registry) {
  registry.add<Discriminator>("monkeynet.discriminator");
}

}  // namespace weft::monkeynet
