#include "framework/nn/halvings.h"
#include <weft/gan.h>
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/leaky_relu.h>

#include <array>
#include <optional>

namespace weft::prediction {
namespace {

constexpr double kSlope = 0.2;
constexpr int64_t kMostFeatures = 16384, kLayers = 4;

/// Tells real clips from clips whose last frames are predicted.
///
/// All frames of a clip are the channels of one map, in the order of time, each BGR as the published weights were trained.
/// Keys of the TensorFlow program's network c.{0..3}.*, bn.{0..2}.*, lin.*; of the port D.{0,2,3,5,6,8,9}.*, linear.*.
/// Source: Villegas et al. 2017, "Decomposing Motion and Content for Natural Video Sequence Prediction", section 4.
struct McNetDiscriminator : nn::Module {
  static constexpr auto about =
      "MCNet discriminator: one score (a logit, for loss.gan with kind = \"vanilla\") for a clip of observed and then "
      "real or predicted frames. Its last layer is linear, so that it fits one frame size";

  enum class Program { TensorFlow, PyTorch };
  Program program = Program::TensorFlow;
  int64_t features = 64;

  void params(Params& p) {
    p("features", features, "channels after the first convolution").min(1).max(kMostFeatures);
    p("program", program,
      "kernels of 5 pixels and statistics of the batch always, as in the TensorFlow program; or kernels of 4 pixels "
      "and running statistics outside of training, as in its PyTorch port",
      {{"tensorflow", Program::TensorFlow}, {"pytorch", Program::PyTorch}});
  }

  void build(const Shapes& shapes) {
    nn::check_halvings("prediction.mcnet_discriminator", shapes.known("H"), shapes.known("W"), kLayers);
    const bool is_original = program == Program::TensorFlow;
    int64_t in = shapes.known("T") * shapes.known("C");
    for (int64_t i = 0; i < kLayers; ++i) {
      const int64_t out = features << i;
      const auto layer = static_cast<size_t>(i);
      convolutions_[layer].emplace(*this, is_original ? text("c.", i) : text("D.", i == 0 ? 0 : 3 * i - 1),
                                   conv(in, out));
      if (i > 0) norms_[layer].emplace(*this, is_original ? text("bn.", i - 1) : text("D.", 3 * i), out, norm());
      in = out;
    }
    const int64_t positions = (shapes.known("H") >> kLayers) * (shapes.known("W") >> kLayers);
    linear_.emplace(*this, is_original ? "lin" : "linear",
                    nn::LinearOptions{.in = in * positions,
                                      .out = 1,
                                      .weight_init = is_original ? nn::Init::xavier_uniform() : nn::Init::uniform(0.02),
                                      .bias_init = nn::Init::zeros()});
  }

  Out<"judgement", record<gan::Judgement>> run(In<"real", "any[B,T,C,H,W]"> real, Many<"fake", "any[B,T,C,H,W]"> fake,
                                               Context& context) {
    gan::Judgement judgement;
    judgement.real = {judge(*real, context)};
    for (const at::Tensor& clip : fake.all()) judgement.fakes.push_back({judge(clip, context)});
    return judgement;
  }

 private:
  nn::ConvOptions conv(int64_t in, int64_t out) const {
    if (program == Program::TensorFlow) {
      return {.in = in,
              .out = out,
              .kernel = 5,
              .stride = 2,
              .padding = nn::Padding::same(),
              .weight_init = nn::Init::xavier_uniform(),
              .bias_init = nn::Init::zeros()};
    }
    return {.in = in, .out = out, .kernel = 4, .stride = 2, .padding = 1, .weight_init = nn::Init::fan_in()};
  }

  nn::NormOptions norm() const {
    if (program == Program::TensorFlow) return {.epsilon = 1e-3, .weight_init = nn::Init::ones()};
    return {.statistics = nn::NormOptions::Statistics::ByMode, .weight_init = nn::Init::ones()};
  }

  gan::Verdict judge(const at::Tensor& clip, const Context& context) const {
    at::Tensor x = nn::enter(clip.flip(2).flatten(1, 2), context.precision());  // [B, T*C, H, W]
    for (size_t i = 0; i < convolutions_.size(); ++i) {
      x = (*convolutions_[i])(x);
      if (norms_[i]) x = (*norms_[i])(x);
      x = at::leaky_relu(x, kSlope);
    }
    const at::Tensor flat = (program == Program::TensorFlow ? x.permute({0, 2, 3, 1}) : x).reshape({x.size(0), -1});
    gan::Verdict verdict;
    verdict.score = nn::widened((*linear_)(flat));  // [B, 1]
    return verdict;
  }

  std::array<std::optional<nn::Conv2d>, kLayers> convolutions_;
  std::array<std::optional<nn::Norm2d>, kLayers> norms_;
  std::optional<nn::Linear> linear_;
};

}  // namespace

void add_mcnet_discriminator(Registry& registry) {
  registry.add<McNetDiscriminator>("prediction.mcnet_discriminator");
}

}  // namespace weft::prediction
