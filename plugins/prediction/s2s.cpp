#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <array>
#include <optional>

namespace weft::prediction {
namespace {

constexpr int64_t kMostFeatures = 65536;

/// Predicts the scores of the next segmentation from those of the last ones, at half the size first.
///
///   coarse = N2(half(past)),    scores = twice(coarse) + N1(past, twice(coarse))
///
/// Scores are what a segmenter gives before its softmax, in the channels of each frame. Halves are means over 2x2 pixels,
/// twice is by nearest pixels.
/// Keys scale2.{0..3}.*, scale1.{0..3}.*. Source: Luc et al. 2017, "Predicting Deeper into the Future of Semantic
/// Segmentation", section 3, model S2S.
struct S2S : nn::Module {
  static constexpr auto about =
      "S2S predictor of segmentations (Luc et al. 2017): class scores of the next frame from those of a window of past "
      "frames, at half the size (`coarse`) and at full size";

  int64_t features = 128, wide = 256;

  void params(Params& p) {
    p("features", features, "channels of the first and the third layer").min(1).max(kMostFeatures);
    p("wide", wide, "channels of the second layer").min(1).max(kMostFeatures);
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', shapes['H'] / 2);
    shapes.set('N', shapes['W'] / 2);
  }

  void build(const Shapes& shapes) {
    const int64_t classes = shapes.known("C"), past = shapes.known("T") * classes;
    add(coarse_, "scale2", past, classes, 3);
    add(fine_, "scale1", past + classes, classes, 5);
  }

  std::tuple<Out<"scores", "feature[B,C,H,W]">, Out<"coarse", "feature[B,C,M,N]">> run(
      In<"past", "feature[B,T,C,H,W]"> past, Context& context) {
    const at::Tensor x = nn::enter(past.channels(), context.precision());  // [B, T*C, H, W]
    const at::Tensor coarse = (*coarse_)(at::avg_pool2d(x, 2));            // [B, C, H/2, W/2]
    const at::Tensor guess = at::upsample_nearest2d(coarse, {x.size(2), x.size(3)});
    return {nn::widened((*fine_)(at::cat({x, guess}, 1)) + guess), nn::widened(coarse)};
  }

 private:
  /// Four convolutions that keep the size, the first and the last of `kernel` pixels; ReLU between them. Numbers of keys
  /// count convolutions alone.
  struct Network : nn::Module {
    using Module::Module;
    at::Tensor operator()(at::Tensor x) const {
      for (size_t i = 0; i < layers.size(); ++i) x = i == 0 ? (*layers[i])(x) : (*layers[i])(x.relu_());
      return x;
    }
    std::array<std::optional<nn::Conv2d>, 4> layers;
  };

  void add(std::optional<Network>& network, const char* name, int64_t in, int64_t out, int64_t kernel) {
    network.emplace(*this, name);
    const std::array<int64_t, 5> channels = {in, features, wide, features, out};
    for (size_t i = 0; i < 4; ++i) {
      const int64_t side = i == 0 || i == 3 ? kernel : 3;
      network->layers[i].emplace(*network, text(i),
                                 nn::ConvOptions{.in = channels[i],
                                                 .out = channels[i + 1],
                                                 .kernel = side,
                                                 .padding = side / 2,
                                                 .weight_init = nn::Init::fan_in()});
    }
  }

  std::optional<Network> coarse_, fine_;
};

}  // namespace

void add_s2s(Registry& registry) {
  registry.add<S2S>("prediction.s2s");
}

}  // namespace weft::prediction
