#include "framework/backbones/vgg19.h"
#include "plugins/loss/masked.h"
#include <weft/node.h>

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/l1_loss.h>
#include <c10/core/GradMode.h>

namespace weft::loss {
namespace {

constexpr int64_t kWidest = 1024;

/// The distance of two images as VGG19 sees them.
///
///   sum over five maps of weight * mean |map of fake - map of real|
///
/// No gradient goes through the real image. Images go in as they are, in [-1, 1], without ImageNet's mean and deviation:
/// so does the original. Source: Johnson et al. 2016, "Perceptual Losses for Real-Time Style Transfer and
/// Super-Resolution"; Wang et al. 2018 for layers and weights.
struct Vgg : nn::Module {
  static constexpr auto about =
      "Perceptual loss (VGG19, as in pix2pixHD and vid2vid): L1 distance between the features of fakes and of the real "
      "image at five layers of a VGG19 trained on ImageNet, summed over all fakes; images wider than 1024 pixels are "
      "halved first";

  backbones::Vgg19::Keys keys = backbones::Vgg19::Keys::Slices;
  std::vector<double> weights = {1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4, 1};

  void params(Params& p) {
    p("keys", keys, "names in the weight file: slice1.0.weight …, or features.0.weight … as in torchvision's file",
      {{"slices", backbones::Vgg19::Keys::Slices}, {"features", backbones::Vgg19::Keys::Features}});
    p("weights", weights, "weights of the layers relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1").count({5});
  }

  void build(const Shapes&) { network_.emplace(*this, "", keys); }

  Out<"value", "scalar"> run(Many<"fake", "image[B,3,H,W]"> fake, In<"real", "image[B,3,H,W]"> real, Context& context) {
    std::array<at::Tensor, 5> targets;
    {
      const c10::NoGradGuard no_gradients;
      targets = see(*real, context);
    }
    at::Tensor sum;
    for (const at::Tensor& one : fake.all()) {
      const std::array<at::Tensor, 5> maps = see(one, context);
      for (size_t i = 0; i < maps.size(); ++i) {
        const at::Tensor term = at::l1_loss(precise(maps[i]), precise(targets[i])) * weights[i];
        sum = sum.defined() ? sum + term : term;
      }
    }
    return sum;
  }

 private:
  std::array<at::Tensor, 5> see(at::Tensor image, const Context& context) const {
    while (image.size(3) > kWidest) image = at::avg_pool2d(image, 2, 2);  // [B, 3, H/2, W/2]
    return (*network_)(nn::enter(image, context.precision()));
  }

  std::optional<backbones::Vgg19> network_;
};

}  // namespace

void add_vgg(Registry& registry) {
  registry.add<Vgg>("loss.vgg");
}

}  // namespace weft::loss
