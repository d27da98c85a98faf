#include "framework/nn/halvings.h"
#include "plugins/posewarp/geometry.h"
#include "plugins/posewarp/network.h"
#include <weft/gan.h>
#include <weft/node.h>

#include <ATen/ops/cat.h>

namespace weft::posewarp {
namespace {

/// Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", section 4, and its program.
struct Discriminator : nn::Module {
  static constexpr auto about =
      "PoseWarp discriminator: one score (a logit, for loss.gan with kind = \"vanilla\") for an image beside the "
      "joints "
      "of the source and of the image. Its dense layers fit one frame size";

  int64_t features = 64;

  void params(Params& p) {
    p("features", features, "channels of the first maps; later ones have up to four times as many")
        .min(1)
        .max(kMostFeatures);
  }

  void build(const Shapes& shapes) {
    nn::check_halvings("posewarp.discriminator", shapes.known("H"), shapes.known("W"), DiscriminatorNetwork::kHalvings);
    network_.emplace(*this, "", features, shapes.known("H"), shapes.known("W"));
  }

  Out<"judgement", record<gan::Judgement>> run(In<"real", "image[B,3,H,W]"> real, Many<"fake", "image[B,3,H,W]"> fake,
                                               In<"source", "keypoints[B,14,3]"> source,
                                               In<"target", "keypoints[B,14,3]"> target, Context& context) {
    const int64_t height = real->size(2), width = real->size(3);
    const at::Tensor pose = nn::enter(at::cat({heatmaps(*source, height, width), heatmaps(*target, height, width)}, 1),
                                      context.precision());
    const auto judged = [&](const at::Tensor& image) {
      gan::Verdict verdict;
      verdict.score = nn::widened((*network_)(nn::enter(image.flip(1), context.precision()), pose));  // [B, 1]
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
  registry.add<Discriminator>("posewarp.discriminator");
}

}  // namespace weft::posewarp
