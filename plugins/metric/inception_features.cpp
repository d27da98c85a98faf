#include "framework/base/error.h"
#include "framework/base/text.h"
#include <weft/backbones.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

namespace weft::metric {
namespace {

using backbones::InceptionFid;

/// Features of images for FID and KID.
struct InceptionFeatures : nn::Module {
  static constexpr bool stops_gradients = true;
  static constexpr auto about =
      "Inception-v3 features of images, for FID and KID (metric.frechet, metric.kernel_distance): the network of "
      "pytorch-fid with the keys of its file pt_inception-2015-12-05; images are resized to 299x299, bilinear without "
      "antialiasing. Published numbers are of `pool3` in float";

  std::string layer = "pool3";
  bool resizes = true;

  void params(Params& p) {
    p("layer", layer, "pool3: 2048 numbers; block0, block1, block2: maps of 64, 192 and 768 channels")
        .choice({"pool3", "block0", "block1", "block2"});
    p("resize", resizes, "whether images are resized to 299x299, as for published numbers");
  }

  void shape(Shapes& shapes) const {
    const bool is_pooled = layer == "pool3";
    shapes.set('F', is_pooled ? 2048 : layer == "block0" ? 64 : layer == "block1" ? 192 : 768);
    if (is_pooled) {
      shapes.set('M', 1);
      shapes.set('N', 1);
    }
  }

  void build(const Shapes&) { network_.emplace(*this, ""); }

  Out<"features", "feature[B,F,M,N]"> run(In<"image", "image[B,3,H,W]"> image, Context& context) {
    const c10::NoGradGuard no_gradients;
    if (!resizes && std::min(image->size(2), image->size(3)) < InceptionFid::kLeastSide) {
      throw Error(Exit::Graph, text("metric.inception_features wants images of at least ", InceptionFid::kLeastSide,
                                    'x', InceptionFid::kLeastSide, " pixels"))
          .hint("resize = true");
    }
    const at::Tensor resized = resizes ? InceptionFid::resized(image->to(at::kFloat)) : *image;
    at::Tensor tapped;
    const auto tap = [&](std::string_view name, const at::Tensor& map) {
      if (name == layer) tapped = map;
    };
    const at::Tensor maps = network_->maps(nn::enter(resized, context.precision()), tap);
    return nn::widened(tapped.defined() ? tapped : maps.mean({2, 3}, /*keepdim=*/true));
  }

 private:
  std::optional<InceptionFid> network_;
};

}  // namespace

void add_inception_features(Registry& registry) {
  registry.add<InceptionFeatures>("metric.inception_features");
}

}  // namespace weft::metric
