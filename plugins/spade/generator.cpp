#include "plugins/spade/generator_network.h"
#include <weft/node.h>

#include <ATen/ops/randn.h>

namespace weft::spade {
namespace {

constexpr int64_t kMostFeatures = 65536, kMostPixels = 65536;

/// SPADE's generator as a node.
///
/// Source: Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization".
struct Generator : nn::Module {
  static constexpr auto about =
      "SPADE generator (GauGAN): generates one image from a semantic map, which the norms of all layers see. The size "
      "of the image follows from `crop_size`, `aspect_ratio` and `upsampling`, not from that of the map; with `vae` it "
      "begins with a code z, random where none is wired";
  static constexpr bool random = true;

  GeneratorOptions options;
  enum class SpectralInit { PyTorch, Xavier };
  SpectralInit spectral_init = SpectralInit::PyTorch;

  void params(Params& p);
  void shape(Shapes& shapes) const;

  void build(const Shapes& shapes) {
    options.spade.labels = shapes.known("C");
    options.spade.spectral_init =
        spectral_init == SpectralInit::PyTorch ? nn::Init::fan_in() : nn::Init::xavier_normal(0.02);
    network_.emplace(*this, "", options);
  }

  Out<"image", "image[B,3,P,Q]"> run(In<"s", "conditions[B,C,H,W]"> s, Opt<"z", "feature[B,z_dim]"> z,
                                     Context& context) {
    const nn::MapOrIds segmentation = s.map_or_ids();
    at::Tensor code;
    if (options.uses_code) {
      code = z ? *z : at::randn({segmentation.size(0), options.code}, context.generator(at::kCPU)).to(context.device());
      code = nn::enter(code, context.precision());
    }
    return nn::widened((*network_)(nn::enter(segmentation, context.precision()), code).image);
  }

 private:
  std::optional<GeneratorNetwork> network_;
};

void Generator::params(Params& p) {
  using Upsampling = GeneratorOptions::Upsampling;
  p("features", options.features, "channels of the last block; the first ones have 16 times as many")
      .min(2)
      .max(kMostFeatures);
  p("upsampling", options.upsampling, "how often maps are doubled: five, six or seven times",
    {{"normal", Upsampling::Normal}, {"more", Upsampling::More}, {"most", Upsampling::Most}});
  p("crop_size", options.crop_size,
    "width of the image in pixels; the smallest grid has crop_size / 2^doublings columns, rounded down")
      .min(1)
      .max(kMostPixels);
  p("aspect_ratio", options.aspect_ratio, "width of the image divided by its height").min(0.001).max(1000);
  p("vae", options.uses_code, "begins with a code z, as the generators trained with an encoder do");
  p("z_dim", options.code, "numbers of the code").min(1).max(kMostFeatures);
  p("norm", options.spade.norm,
    "the norm that SPADE modulates: \"batch\" (also for checkpoints with synchronised batch norm, which computes the "
    "same on one device) or \"instance\"",
    {{"batch", SpadeOptions::Norm::Batch}, {"instance", SpadeOptions::Norm::Instance}});
  p("kernel", options.spade.kernel, "side of the kernels that read the semantic map, odd").min(1).max(31);
  p("spectral_norm", options.spade.spectral_norm,
    "divides the kernels of the residual blocks by their largest singular value; the keys are then …weight_orig, "
    "…weight_u and …weight_v");
  p("spectral_init", spectral_init,
    "initial values under spectral norm: PyTorch's default, which is what the original comes to on a GPU, or Xavier "
    "with gain 0.02, which its code asks for",
    {{"pytorch", SpectralInit::PyTorch}, {"xavier", SpectralInit::Xavier}});
}

void Generator::shape(Shapes& shapes) const {
  const auto [height, width] = options.grid();
  if (height < 1 || width < 1) {
    throw Error(Exit::Graph,
                text("spade.generator: the smallest grid of crop_size ", options.crop_size, " and aspect_ratio ",
                     number_text(options.aspect_ratio), " is ", height, " x ", width))
        .hint(text("crop_size / ", int64_t{1} << options.doublings(),
                   " and its quotient by aspect_ratio must be 1 at least: a larger crop_size, or less upsampling"));
  }
  if (options.spade.kernel % 2 == 0) {
    throw Error(Exit::Graph, text("spade.generator: `kernel` must be odd, but is ", options.spade.kernel));
  }
  if (!options.uses_code && !shapes.input("z").empty()) {
    throw Error(Exit::Graph, "spade.generator: `z` is wired, but the generator begins with the semantic map")
        .hint("set `vae = true`, or remove `in.z`");
  }
  shapes.set('P', Dim(height << options.doublings()));
  shapes.set('Q', Dim(width << options.doublings()));
}

}  // namespace

void add_generator(Registry& registry) {
  registry.add<Generator>("spade.generator");
}

}  // namespace weft::spade
