#include "plugins/loss/masked.h"
#include <weft/gan.h>
#include <weft/node.h>

#include <ATen/ops/l1_loss.h>

namespace weft::loss {
namespace {

/// Fakes should look to the discriminator's layers as the real value does.
///
///   sum over scales and layers of w / scales * mean |features of fake - features of real|,  w = 4 / layers
///
/// No gradient goes through the features of the real value. Source: Wang et al. 2018, "High-Resolution Image Synthesis
/// and Semantic Manipulation with Conditional GANs", section 3.3.
struct FeatureMatching {
  static constexpr auto about =
      "Feature matching loss (pix2pixHD, vid2vid): L1 distance between the discriminators' features of fakes and of "
      "the real value, summed over all judgements and fakes";

  std::optional<int64_t> scales;
  std::optional<double> layer_weight;

  void params(Params& p) {
    p("scales", scales,
      "divisor of the sum over scales; default: the number of the judgement's scales. vid2vid divides the loss of its "
      "face discriminator by the number of scales of its image discriminator")
        .min(1);
    p("layer_weight", layer_weight,
      "weight of one layer; default: 4 / layers, as in pix2pixHD and vid2vid; SPADE uses 1")
        .min(0);
  }

  Out<"value", "scalar"> run(Many<"in", record<gan::Judgement>> in, Opt<"weight", "scalar"> weight) {
    at::Tensor sum;
    for (size_t i = 0; i < in.size(); ++i) {
      for (const std::vector<gan::Verdict>& fake : in[i].fakes) {
        const at::Tensor one = distance(fake, in[i].real);
        sum = sum.defined() ? sum + one : one;
      }
    }
    return weight ? sum * *weight : sum;
  }

 private:
  at::Tensor distance(const std::vector<gan::Verdict>& fake, const std::vector<gan::Verdict>& real) const {
    at::Tensor sum;
    for (size_t scale = 0; scale < fake.size(); ++scale) {
      const std::vector<at::Tensor>& layers = fake[scale].features;
      if (layers.empty()) {
        throw Error(Exit::Graph, "loss.feature_matching compares features, but the discriminator keeps none")
            .hint("set `feature_matching = true` on the discriminator");
      }
      const double of_layer = layer_weight.value_or(4.0 / static_cast<double>(layers.size()));
      for (size_t layer = 0; layer < layers.size(); ++layer) {
        const at::Tensor target = real[scale].features[layer].detach();
        const at::Tensor one = at::l1_loss(precise(layers[layer]), precise(target)) * of_layer;
        sum = sum.defined() ? sum + one : one;
      }
    }
    return sum / static_cast<double>(scales.value_or(static_cast<int64_t>(fake.size())));
  }
};

}  // namespace

void add_feature_matching(Registry& registry) {
  registry.add<FeatureMatching>("loss.feature_matching");
}

}  // namespace weft::loss
