#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include <algorithm>
#include <memory>
#include <vector>

namespace weft::spade {
namespace {

constexpr int64_t kSide = 256, kLayers = 6, kMostTimes = 8, kCode = 256, kMostFeatures = 65536;
constexpr double kSlope = 0.2, kGain = 0.02;

/// SPADE's encoder: the distribution of a code for the style of an image.
///
/// Keys layer{1..6}.*, fc_mu.*, fc_var.*. The image is resized to 256x256, bilinear and without antialiasing.
/// Source: Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization", appendix A. The original has
/// five layers for a crop_size below 256, whose maps do not fit its linear layers; here there are always six.
struct Encoder : nn::Module {
  static constexpr auto about =
      "SPADE encoder (VAE): mean and log variance of a code for the style of an image, and a code drawn from this "
      "distribution, the z of spade.generator";
  static constexpr bool random = true;

  enum class Norm { Instance, Batch, None };
  Norm norm = Norm::Instance;
  bool spectral_norm = true;
  int64_t features = 64;

  void params(Params& p) {
    p("features", features, "channels after the first layer; the original takes the generator's number here")
        .min(1)
        .max(kMostFeatures);
    p("norm", norm, "normalisation of the layers",
      {{"instance", Norm::Instance}, {"batch", Norm::Batch}, {"none", Norm::None}});
    p("spectral_norm", spectral_norm, "divides every kernel by its largest singular value");
  }

  void build(const Shapes&) {
    int64_t in = 3;
    for (int64_t layer = 0; layer < kLayers; ++layer) {
      const int64_t out = features * std::min(int64_t{1} << layer, kMostTimes);
      layers_.push_back(std::make_unique<Layer>(*this, text("layer", layer + 1), in, out, *this));
      in = out;
    }
    const auto linear = [&](const char* name) {
      return std::make_unique<nn::Linear>(*this, name,
                                          nn::LinearOptions{.in = 16 * in,
                                                            .out = kCode,
                                                            .weight_init = nn::Init::xavier_normal(kGain),
                                                            .bias_init = nn::Init::zeros()});
    };
    mean_ = linear("fc_mu");
    log_variance_ = linear("fc_var");
  }

  std::tuple<Out<"z", "feature[B,256]">, Out<"mean", "feature[B,256]">, Out<"log_variance", "feature[B,256]">> run(
      In<"image", "image[B,3,H,W]"> image, Context& context) {
    at::Tensor x = *image;
    if (x.size(2) != kSide || x.size(3) != kSide)
      x = at::upsample_bilinear2d(x, {kSide, kSide}, /*align_corners=*/false);
    x = nn::enter(x, context.precision());
    for (const auto& layer : layers_) x = at::leaky_relu((*layer)(x), kSlope);  // [B, 8 features, 4, 4] in the end
    const at::Tensor flat = x.contiguous().flatten(1);
    const at::Tensor mean = nn::widened((*mean_)(flat)), log_variance = nn::widened((*log_variance_)(flat));
    const at::Tensor noise = at::randn(mean.sizes(), context.generator(at::kCPU)).to(mean.options());
    return {mean + noise * (0.5 * log_variance).exp(), mean, log_variance};
  }

 private:
  /// Convolution, norm. A norm takes away what a bias adds, so there is none before it.
  struct Layer : nn::Module {
    Layer(nn::Module& parent, std::string name, int64_t in, int64_t out, const Encoder& of)
        : Module(parent, std::move(name)) {
      const bool has_norm = of.norm != Norm::None;
      conv.emplace(
          *this, has_norm ? "0" : "",
          nn::ConvOptions{.in = in,
                          .out = out,
                          .stride = 2,
                          .padding = 1,
                          .bias = !has_norm,
                          .spectral_norm = of.spectral_norm,
                          .weight_init = of.spectral_norm ? nn::Init::fan_in() : nn::Init::xavier_normal(kGain),
                          .bias_init = nn::Init::zeros()});
      if (of.norm == Norm::Instance)
        this->norm.emplace(*this, "1", out, nn::NormOptions{.kind = nn::NormOptions::Kind::Instance, .running = false});
      if (of.norm == Norm::Batch)
        this->norm.emplace(*this, "1", out, nn::NormOptions{.statistics = nn::NormOptions::Statistics::ByMode});
    }
    at::Tensor operator()(const at::Tensor& x) const { return norm ? (*norm)((*conv)(x)) : (*conv)(x); }

    std::optional<nn::Conv2d> conv;
    std::optional<nn::Norm2d> norm;
  };

  std::vector<std::unique_ptr<Layer>> layers_;
  std::unique_ptr<nn::Linear> mean_, log_variance_;
};

}  // namespace

void add_encoder(Registry& registry) {
  registry.add<Encoder>("spade.encoder");
}

}  // namespace weft::spade
