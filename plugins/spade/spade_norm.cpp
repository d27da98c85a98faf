#include "plugins/spade/spade_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <algorithm>

namespace weft::spade {
namespace {

constexpr int64_t kShared = 128;
constexpr double kSlope = 0.2, kGain = 0.02;

nn::NormOptions norm_of(const SpadeOptions& options) {
  if (options.norm == SpadeOptions::Norm::Instance)
    return {.kind = nn::NormOptions::Kind::Instance, .affine = false, .running = false};
  return {.statistics = nn::NormOptions::Statistics::ByMode, .affine = false};
}

nn::ConvOptions on_segmentation(int64_t in, int64_t out, const SpadeOptions& options) {
  return {.in = in,
          .out = out,
          .kernel = options.kernel,
          .padding = options.kernel / 2,
          .weight_init = nn::Init::xavier_normal(kGain),
          .bias_init = nn::Init::zeros()};
}

nn::ConvOptions on_maps(int64_t in, int64_t out, int64_t kernel, const SpadeOptions& options) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .padding = kernel / 2,
          .bias = kernel > 1,
          .spectral_norm = options.spectral_norm,
          .weight_init = options.spectral_norm ? options.spectral_init : nn::Init::xavier_normal(kGain),
          .bias_init = nn::Init::zeros()};
}

}  // namespace

SpadeNorm::SpadeNorm(nn::Module& parent, std::string name, int64_t channels, const SpadeOptions& options)
    : Module(parent, std::move(name)),
      norm_(*this, "param_free_norm", channels, norm_of(options)),
      shared_(*this, "mlp_shared.0", on_segmentation(options.labels, kShared, options)),
      gamma_(*this, "mlp_gamma", on_segmentation(kShared, channels, options)),
      beta_(*this, "mlp_beta", on_segmentation(kShared, channels, options)) {}

at::Tensor SpadeNorm::operator()(const at::Tensor& x, const nn::MapOrIds& segmentation) const {
  const at::Tensor shared = shared_(segmentation_at(segmentation, x.size(2), x.size(3))).relu_();  // [B, 128, H, W]
  at::Tensor y = norm_(x);
  y = y.mul_(gamma_(shared).add_(1));
  return y.add_(beta_(shared));
}

nn::MapOrIds segmentation_at(const nn::MapOrIds& segmentation, int64_t height, int64_t width) {
  if (segmentation.size(2) == height && segmentation.size(3) == width) return segmentation;
  if (segmentation.is_one_hot()) return nn::resized(*segmentation.one_hot(), height, width);
  return at::upsample_nearest2d(segmentation.map(), {height, width});
}

SpadeBlock::SpadeBlock(nn::Module& parent, std::string name, int64_t in, int64_t out, const SpadeOptions& options)
    : Module(parent, std::move(name)),
      conv_0_(*this, "conv_0", on_maps(in, std::min(in, out), 3, options)),
      conv_1_(*this, "conv_1", on_maps(std::min(in, out), out, 3, options)),
      norm_0_(*this, "norm_0", in, options),
      norm_1_(*this, "norm_1", std::min(in, out), options) {
  if (in == out) return;
  conv_s_.emplace(*this, "conv_s", on_maps(in, out, 1, options));
  norm_s_.emplace(*this, "norm_s", in, options);
}

at::Tensor SpadeBlock::operator()(const at::Tensor& x, const nn::MapOrIds& segmentation) const {
  const nn::MapOrIds seen = segmentation_at(segmentation, x.size(2), x.size(3));
  const auto activated = [](at::Tensor y) { return at::leaky_relu_(y, kSlope); };
  at::Tensor y = conv_0_(activated(norm_0_(x, seen)));
  y = conv_1_(activated(norm_1_(y, seen)));
  return y.add_(conv_s_ ? (*conv_s_)((*norm_s_)(x, seen)) : x);
}

}  // namespace weft::spade
