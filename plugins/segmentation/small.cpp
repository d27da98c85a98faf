#include "plugins/segmentation/segmenter.h"
#include <weft/backbones.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/pixel_shuffle.h>

#include <array>
#include <memory>
#include <optional>

namespace weft::segmentation {
namespace {

using backbones::Activation;
using backbones::ConvNorm;
using backbones::InvertedResidual;

/// A convolution of 3x3 pixels of each channel, then one of 1x1 to `out` channels.
void add_separable(nn::Sequence& layers, int64_t in, int64_t out) {
  layers.add<ConvNorm>(nn::ConvOptions{.in = in, .out = in, .padding = 1, .groups = in}, Activation::None);
  layers.add<ConvNorm>(nn::ConvOptions{.in = in, .out = out, .kernel = 1});
}

/// One step up: the coarser map, enlarged, beside the map of the encoder.
class Up : public nn::Module {
 public:
  Up(nn::Module& parent, std::string name, int64_t coarse, int64_t skip, int64_t out)
      : Module(parent, std::move(name)), layers_(*this, "layers") {
    add_separable(layers_, coarse + skip, out);
  }
  at::Tensor operator()(const at::Tensor& coarse, const at::Tensor& skip) const {
    return layers_(at::cat({resized(coarse, skip.size(2), skip.size(3)), skip}, 1));
  }

 private:
  nn::Sequence layers_;
};

/// The network of the shipped segmenter: inverted residuals down to 1/16 of the size, context from dilation and from the mean of
/// the map, a decoder of separable convolutions up to 1/2, and a sub-pixel convolution.
class SmallNetwork : public nn::Module {
 public:
  SmallNetwork(nn::Module& parent, std::string name, int64_t features, int64_t classes, bool is_fine)
      : Module(parent, std::move(name)),
        stem_(*this, "stem", nn::ConvOptions{.in = 3, .out = features, .stride = 2, .padding = 1}, Activation::Relu6),
        half_(*this, "half"),
        quarter_(*this, "quarter"),
        eighth_(*this, "eighth"),
        sixteenth_(*this, "sixteenth"),
        scene_(*this, "scene", {.in = 5 * features, .out = 4 * features, .kernel = 1}),
        context_(*this, "context", nn::ConvOptions{.in = 5 * features, .out = 4 * features, .kernel = 1}),
        up8_(*this, "up8", 4 * features, 5 * features / 2, 4 * features),
        up4_(*this, "up4", 4 * features, 3 * features / 2, 3 * features),
        up2_(*this, "up2", 3 * features, features, 2 * features),
        scale_(is_fine ? 2 : 1),
        classifier_(
            *this, "classifier",
            {.in = 2 * features, .out = scale_ * scale_ * classes, .kernel = 1, .weight_init = nn::Init::fan_in()}) {
    const int64_t f = features;
    using Options = InvertedResidual::Options;
    half_.add<InvertedResidual>(Options{.in = f, .out = f, .expansion = 2});
    quarter_.add<InvertedResidual>(Options{.in = f, .out = 3 * f / 2, .expansion = 4, .stride = 2})
        .add<InvertedResidual>(Options{.in = 3 * f / 2, .out = 3 * f / 2, .expansion = 4});
    eighth_.add<InvertedResidual>(Options{.in = 3 * f / 2, .out = 5 * f / 2, .expansion = 4, .stride = 2});
    for (int i = 0; i < 2; ++i) {
      eighth_.add<InvertedResidual>(Options{.in = 5 * f / 2, .out = 5 * f / 2, .expansion = 4});
    }
    sixteenth_.add<InvertedResidual>(Options{.in = 5 * f / 2, .out = 5 * f, .expansion = 4, .stride = 2});
    for (const int64_t dilation : {1, 2, 4, 1}) {
      sixteenth_.add<InvertedResidual>(Options{.in = 5 * f, .out = 5 * f, .expansion = 4, .dilation = dilation});
    }
  }

  /// [B, 3, H, W] -> [B, classes, H, W], or half of these sizes, rounded up, where it is not fine.
  at::Tensor operator()(const at::Tensor& image) const {
    const at::Tensor half = half_(stem_(image));                        // [B, F, H/2, W/2]
    const at::Tensor quarter = quarter_(half);                          // [B, 3F/2, H/4, W/4]
    const at::Tensor eighth = eighth_(quarter);                         // [B, 5F/2, H/8, W/8]
    const at::Tensor deep = sixteenth_(eighth);                         // [B, 5F, H/16, W/16]
    const at::Tensor gate = scene_(deep.mean({2, 3}, true)).sigmoid();  // [B, 4F, 1, 1]
    at::Tensor x = up8_(context_(deep) * gate, eighth);                 // [B, 4F, H/8, W/8]
    x = up4_(x, quarter);                                               // [B, 3F, H/4, W/4]
    x = classifier_(up2_(x, half));                                     // [B, classes or 4 classes, H/2, W/2]
    return scale_ == 1 ? x : at::pixel_shuffle(x, scale_).slice(2, 0, image.size(2)).slice(3, 0, image.size(3));
  }

 private:
  ConvNorm stem_;
  nn::Sequence half_, quarter_, eighth_, sixteenth_;
  nn::Conv2d scene_;
  ConvNorm context_;
  Up up8_, up4_, up2_;
  int64_t scale_;  ///< of the logits over the last map
  nn::Conv2d classifier_;
};

/// Semantic segmentation with a network small enough to be shipped.
///
/// Its blocks are those of Sandler et al. 2018, "MobileNetV2"; the gate by the mean of the map is that of Howard et al. 2019,
/// "Searching for MobileNetV3", section 6.4; the decoder is a U-Net's (Ronneberger et al. 2015).
struct Small : nn::Module {
  static constexpr auto about =
      "Semantic segmentation by a small network of inverted residuals (MobileNetV2 blocks, U-Net decoder), which a CPU "
      "trains in an hour; graphs/perception/weights/segmenter.safetensors is it, trained on the procedural street with "
      "the 19 training ids of Cityscapes";
  static constexpr int64_t kStride = 16;

  int64_t classes = 19;
  int64_t features = 16;
  bool is_fine = true;
  Passes at_test;

  void params(Params& p) {
    p("classes", classes, "number of classes; the weights say so too").min(1).max(1024);
    p("features", features, "channels of the first layer; an even number").min(2).max(128);
    p("fine", is_fine,
      "logits of each pixel, by sub-pixel convolution (Shi et al. 2016); otherwise of 2x2 pixels each, as of weights "
      "from before "
      "it, such as segmenter-first.safetensors");
    at_test.declare(p);
  }

  void shape(Shapes&) const {
    at_test.check();
    if (features % 2 != 0) throw Error(Exit::Graph, text("`features` must be even, not ", features));
  }

  void build(const Shapes&) { network_.emplace(*this, "", features, classes, is_fine); }

  std::tuple<Out<"labels", "labels[B,1,H,W]">, Out<"logits", "feature[B,classes,H,W]">> run(
      In<"image", "image[B,3,H,W]"> image, Context& context) {
    check_size("segmentation.small", *image, kStride);
    const at::Tensor logits = at_test.run(*image, is_training(), [&](const at::Tensor& frame) {
      return (*network_)(nn::enter(frame, context.precision()));
    });
    return {labels_of(logits), logits};
  }

 private:
  std::optional<SmallNetwork> network_;
};

}  // namespace

void add_small(Registry& registry) {
  registry.add<Small>("segmentation.small");
}

}  // namespace weft::segmentation
