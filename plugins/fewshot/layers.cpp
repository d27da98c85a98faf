#include "plugins/fewshot/layers.h"

#include <ATen/ops/conv2d.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/roll.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <algorithm>

namespace weft::fewshot {
namespace {

using Kind = nn::NormOptions::Kind;
using Statistics = nn::NormOptions::Statistics;

constexpr double kLargeEpsilon = 0.1;  // of instance norms whose maps may be nearly constant
constexpr int64_t kMostFeatures = 1024, kMostDown = 10;

nn::NormOptions norm_options(const Norms& norms, bool is_affine, double epsilon_of_instance) {
  if (norms.kind == Kind::Batch)
    return {.statistics = norms.statistics, .affine = is_affine, .weight_init = nn::Init::ones()};
  return {.kind = norms.kind,
          .epsilon = epsilon_of_instance,
          .affine = is_affine,
          .running = false,
          .weight_init = nn::Init::ones()};
}

nn::ConvOptions without_bias(nn::ConvOptions options) {
  options.bias = false;
  return options;
}

}  // namespace

int64_t Pyramid::channels(int64_t level) const {
  return std::min(kMostChannels, features << std::min(level, down));
}

void Pyramid::declare(Params& p) {
  p("features", features, "channels at full resolution; each halving doubles them, up to 1024")
      .min(1)
      .max(kMostFeatures);
  p("down", down, "how often maps are halved").min(1).max(kMostDown);
}

void Norms::declare(Params& p) {
  p("norm", kind,
    "normalisation of the layers: \"batch\" (also for checkpoints with synchronised batch norm, which computes the "
    "same on one device) or \"instance\"",
    {{"batch", Kind::Batch}, {"instance", Kind::Instance}});
  p("spectral_norm", spectral_norm,
    "divides kernels by their largest singular value; the keys are then …weight_orig, …weight_u and …weight_v");
  p("statistics", statistics,
    "statistics of batch norms: \"by_mode\", of the values at hand in training and those of the weights otherwise, or "
    "\"running\", always those of the weights, as in fine-tuning",
    {{"by_mode", Statistics::ByMode}, {"running", Statistics::Running}});
}

nn::NormOptions Norms::of_blocks() const {
  return norm_options(*this, kind == Kind::Batch, 1e-5);
}

nn::NormOptions Norms::of_flow() const {
  return norm_options(*this, true, kLargeEpsilon);
}

nn::NormOptions Norms::modulated() const {
  return norm_options(*this, false, kLargeEpsilon);
}

nn::ConvOptions conv_options(int64_t in, int64_t out, int64_t kernel, bool spectral_norm, int64_t stride, double gain) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .stride = stride,
          .padding = kernel / 2,
          .spectral_norm = spectral_norm,
          .weight_init = nn::Init::xavier_normal(gain),
          .bias_init = nn::Init::zeros()};
}

nn::LinearOptions linear_options(int64_t in, int64_t out) {
  return {.in = in, .out = out, .weight_init = nn::Init::xavier_normal(kGain), .bias_init = nn::Init::zeros()};
}

EncoderLayer::EncoderLayer(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t stride,
                           const Norms& norms)
    : Module(parent, std::move(name)),
      conv_(*this, "conv", conv_options(in, out, 3, norms.spectral_norm, stride)),
      norm_(*this, "bn", out, norms.of_blocks()) {}

at::Tensor EncoderLayer::operator()(const at::Tensor& x) const {
  return at::leaky_relu(norm_(conv_(x)), kSlope);
}

FlowLayer::FlowLayer(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t stride, const Norms& norms)
    : Module(parent, std::move(name)),
      conv_(*this, "0", without_bias(conv_options(in, out, 3, norms.spectral_norm, stride))),
      norm_(*this, "1", out, norms.of_flow()) {}

at::Tensor FlowLayer::operator()(const at::Tensor& x) const {
  return at::leaky_relu(norm_(conv_(x)), kSlope);
}

at::Tensor twice(const at::Tensor& x) {
  return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
}

at::Tensor resized_like(const at::Tensor& map, const at::Tensor& like) {
  if (map.size(2) == like.size(2) && map.size(3) == like.size(3)) return map;
  return at::upsample_nearest2d(map, {like.size(2), like.size(3)});
}

at::Tensor convolve_samples(const at::Tensor& x, const SampleKernels& kernels, int64_t stride) {
  const int64_t batch = x.size(0), out = kernels.weight.size(1), kernel = kernels.weight.size(3);
  const at::Tensor maps = x.contiguous().view({1, batch * x.size(1), x.size(2), x.size(3)});
  const std::optional<at::Tensor> bias =
      kernels.bias.defined() ? std::optional(kernels.bias.reshape({-1})) : std::nullopt;
  const at::Tensor y = at::conv2d(maps, kernels.weight.flatten(0, 1), bias, stride, kernel / 2, 1, batch);
  return y.view({batch, out, y.size(2), y.size(3)});
}

at::Tensor rolled(const at::Tensor& map, int64_t down, int64_t right, Mirror mirror) {
  const at::Tensor moved = at::roll(map, {down, right}, {-2, -1});
  return mirror == Mirror::Yes ? moved.flip(-1) : moved;
}

}  // namespace weft::fewshot
