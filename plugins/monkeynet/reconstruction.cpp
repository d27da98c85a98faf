#include "plugins/monkeynet/reconstruction.h"

#include <weft/gan.h>
#include <weft/nn.h>
#include <weft/node.h>

namespace weft::monkeynet {
namespace {

/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.4.
struct Reconstruction {
  static constexpr auto about =
      "Reconstruction loss of Monkey-Net (feature matching): weighted L1 distance between the maps of its "
      "discriminator "
      "for generated and real frames, the frames themselves included; unlike loss.feature_matching, gradients go "
      "through the maps of the real frames too, so that the keypoint detector learns from them";

  std::vector<double> weights = {10, 10, 10, 10, 1};

  void params(Params& p) {
    p("weights", weights, "of the frames in [0, 1], then of each block's map; the scores have none").min(0);
  }

  Out<"value", "scalar"> run(In<"in", record<gan::Judgement>> in) {
    at::Tensor sum;
    for (const std::vector<gan::Verdict>& fake : in->fakes) {
      const std::vector<at::Tensor>&maps = fake.front().features, &targets = in->real.front().features;
      if (maps.size() != weights.size()) {
        throw Error(Exit::Graph, text("monkeynet.reconstruction has ", count_text(weights.size(), "weight"),
                                      ", but the discriminator gives ", count_text(maps.size(), "map")))
            .hint("`weights` has one for the frames and one for each block of monkeynet.discriminator");
      }
      for (const at::Tensor& loss : reconstruction_losses(maps, targets, weights))
        sum = sum.defined() ? sum + loss.mean() : loss.mean();
    }
    return sum;
  }
};

}  // namespace

std::vector<at::Tensor> reconstruction_losses(const std::vector<at::Tensor>& fake, const std::vector<at::Tensor>& real,
                                              const std::vector<double>& weights) {
  std::vector<at::Tensor> losses;
  for (size_t i = 0; i < std::min(weights.size(), fake.size()); ++i) {
    const at::Tensor distance = (nn::widened(fake[i]) - nn::widened(real[i])).abs();
    losses.push_back(distance.flatten(1).mean(1) * weights[i]);
  }
  return losses;
}

void add_reconstruction(Registry& registry) {
  registry.add<Reconstruction>("monkeynet.reconstruction");
}

}  // namespace weft::monkeynet
