#include "plugins/vid2vid/blocks.h"
#include "plugins/vid2vid/norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

#include <optional>

namespace weft::vid2vid {
namespace {

/// Each pixel's value replaced by the mean over all pixels with the same id in its sample.
///
/// @param values  [B, C, H, W]
/// @param ids     [B, 1, H, W], integers
at::Tensor mean_by_region(const at::Tensor& values, const at::Tensor& ids) {
  const int64_t batch = values.size(0), channels = values.size(1);
  // Ids of different samples are different regions.
  const at::Tensor samples = at::arange(batch, ids.options().dtype(at::kLong)).view({batch, 1, 1, 1});
  const at::Tensor own = ids.to(at::kLong);
  const at::Tensor global = (own - own.min()) * batch + samples;
  const at::Tensor region =
      std::get<1>(at::_unique(global, /*sorted=*/true, /*return_inverse=*/true)).flatten();  // [B*H*W]
  const int64_t regions = region.max().item<int64_t>() + 1;
  const at::Tensor flat = nn::widened(values).permute({0, 2, 3, 1}).reshape({-1, channels});  // [B*H*W, C]
  const at::Tensor sums = at::zeros({regions, channels}, flat.options()).index_add(0, region, flat);
  const at::Tensor counts =
      at::zeros({regions}, flat.options()).index_add(0, region, at::ones_like(region, flat.options()));
  const at::Tensor means = sums / counts.unsqueeze(1);
  return means.index_select(0, region)
      .view({batch, values.size(2), values.size(3), channels})
      .permute({0, 3, 1, 2})
      .to(values.scalar_type());
}

/// Appearance features of an image, one vector for each region.
///
/// Keys model.*. Source: Wang et al. 2018, "High-Resolution Image Synthesis…", section 3.4: instance-wise average
/// pooling.
struct Encoder : nn::Module {
  static constexpr auto about =
      "Encoder of appearance (pix2pixHD): features of an image, averaged over each instance or region";

  int64_t out = 16, features = 16, down = 4;
  NormParams norm{{.kind = nn::NormOptions::Kind::Instance}};

  void params(Params& p) {
    p("out", out, "channels of the features").min(1);
    p("features", features, "channels after the first layer").min(1).max(kMostFeatures);
    p("down", down, "how often maps are halved").min(1).max(kMostDown);
    norm.declare(p);
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', shapes['H'] / (int64_t{1} << down));
    shapes.set('N', shapes['W'] / (int64_t{1} << down));
  }

  void build(const Shapes& shapes) {
    model_.emplace(*this, "model").conv7(shapes.known("C"), features, norm.options);
    for (int64_t i = 0; i < down; ++i) model_->half(features << i, features << (i + 1), norm.options);
    for (int64_t i = down; i > 0; --i) model_->twice(features << i, features << (i - 1), norm.options);
    model_->head(features, out, Stack::Activation::Tanh);
  }

  Out<"feature", "feature[B,out,H,W]"> run(In<"image", "any[B,C,H,W]"> image, In<"regions", "any[B,1,H,W]"> regions,
                                           Context& context) {
    return mean_by_region((*model_)(nn::enter(*image, context.precision())), *regions);
  }

 private:
  std::optional<Stack> model_;
};

}  // namespace

void add_encoder(Registry& registry) {
  registry.add<Encoder>("vid2vid.encoder");
}

}  // namespace weft::vid2vid
