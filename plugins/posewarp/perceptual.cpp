#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include <array>

namespace weft::posewarp {
namespace {

/// A convolution of VGG19 up to conv4_4: its index in torchvision's `features`, and its channels.
struct VggLayer {
  int64_t index, channels;
  bool is_pooled;  ///< before it
};
constexpr std::array<VggLayer, 12> kLayers = {{{0, 64, false},
                                               {2, 64, false},
                                               {5, 128, true},
                                               {7, 128, false},
                                               {10, 256, true},
                                               {12, 256, false},
                                               {14, 256, false},
                                               {16, 256, false},
                                               {19, 512, true},
                                               {21, 512, false},
                                               {23, 512, false},
                                               {25, 512, false}}};

/// The distance of two images as VGG19 sees them, with means in the place of its maxima.
///
///   mean over 12 layers of mean |fake - real| / (deviation of the channel + 0.1)
///
/// Keys features.{0,2,5,…,25}.* as in torchvision's file, and deviation.{0..11}, the deviations of the channels over the
/// training data. The original computes these beforehand; where they are 0, as in the beginning, those of the real images
/// at hand take their place. Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", section 4.1,
/// and its program.
struct Perceptual : nn::Module {
  static constexpr auto about =
      "Perceptual loss of PoseWarp (VGG19): mean over 12 layers of the L1 distance between the features of fakes and "
      "of "
      "the real image, each channel divided by its standard deviation; VGG19 has average pooling here";

  enum class Input { Caffe, Torchvision };
  Input input = Input::Caffe;

  void params(Params& p) {
    p("input", input,
      "what the weights expect: those of Caffe and Keras blue, green, red in [0, 255] without the mean colour; those "
      "of "
      "torchvision red, green, blue in [0, 1], normalised",
      {{"caffe", Input::Caffe}, {"torchvision", Input::Torchvision}});
  }

  void build(const Shapes&) {
    int64_t in = 3;
    for (size_t i = 0; i < kLayers.size(); ++i) {
      const int64_t out = kLayers[i].channels;
      convolutions_[i].emplace(*this, text("features.", kLayers[i].index),
                               nn::ConvOptions{.in = in, .out = out, .padding = 1, .weight_init = nn::Init::fan_in()});
      deviations_[i].emplace(*this, text("deviation.", i), std::vector<int64_t>{out}, nn::Init::zeros(),
                             nn::Parameter::Role::Statistic);
      in = out;
    }
  }

  Out<"value", "scalar"> run(Many<"fake", "image[B,3,H,W]"> fake, In<"real", "image[B,3,H,W]"> real, Context& context) {
    Maps targets;
    {
      const c10::NoGradGuard no_gradients;
      targets = see(*real, context);
    }
    at::Tensor sum;
    for (const at::Tensor& one : fake.all()) {
      const Maps maps = see(one, context);
      for (size_t i = 0; i < maps.size(); ++i) {
        const at::Tensor distance = ((maps[i] - targets[i]) / (deviation(i, targets[i]) + kLeast)).abs().mean();
        sum = sum.defined() ? sum + distance : distance;
      }
    }
    return sum / static_cast<double>(kLayers.size());
  }

 private:
  static constexpr double kLeast = 0.1;
  using Maps = std::array<at::Tensor, kLayers.size()>;

  /// [1, C, 1, 1].
  at::Tensor deviation(size_t layer, const at::Tensor& target) const {
    const at::Tensor known = (**deviations_[layer]).to(target.scalar_type());
    const at::Tensor here = target.transpose(0, 1).flatten(1).std(1, /*unbiased=*/false);  // [C]
    return at::where(known.gt(0), known, here).view({1, -1, 1, 1});
  }

  at::Tensor entered(const at::Tensor& image) const {
    const auto of_channels = [&](std::array<double, 3> numbers) {
      return at::tensor(at::ArrayRef<double>(numbers)).to(image.options()).view({1, 3, 1, 1});
    };
    const at::Tensor bright = (image + 1) / 2;  // in [0, 1]
    if (input == Input::Torchvision)
      return (bright - of_channels({0.485, 0.456, 0.406})) / of_channels({0.229, 0.224, 0.225});
    return bright.flip(1) * 255 - of_channels({103.939, 116.779, 123.68});
  }

  Maps see(const at::Tensor& image, const Context& context) const {
    at::Tensor x = nn::enter(entered(image), context.precision());
    Maps maps;
    for (size_t i = 0; i < kLayers.size(); ++i) {
      if (kLayers[i].is_pooled) x = nn::average_pool(x, {});  // [B, C, H/2, W/2]
      x = (*convolutions_[i])(x).relu();
      maps[i] = nn::widened(x);
    }
    return maps;
  }

  std::array<std::optional<nn::Conv2d>, kLayers.size()> convolutions_;
  std::array<std::optional<nn::Parameter>, kLayers.size()> deviations_;
};

}  // namespace

void add_perceptual(Registry& registry) {
  registry.add<Perceptual>("posewarp.perceptual");
}

}  // namespace weft::posewarp
