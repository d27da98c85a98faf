#include "plugins/fewshot/spade_block.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/instance_norm.h>
#include <ATen/ops/leaky_relu.h>

#include <algorithm>

namespace weft::fewshot {
namespace {

SampleKernels applied(const SampleKernels& kernels, GeneratedBiases biases) {
  return {kernels.weight, biases == GeneratedBiases::Used ? kernels.bias : at::Tensor()};
}

at::Tensor convolved(const at::Tensor& x, const std::optional<nn::Conv2d>& own,
                     const std::optional<SampleKernels>* generated, int64_t stride) {
  return own ? (*own)(x) : convolve_samples(x, generated->value(), stride);
}

}  // namespace

AdaptiveNorm::AdaptiveNorm(nn::Module& parent, int64_t channels, int64_t style)
    : Module(parent, "adain"),
      first_(*this, "0", linear_options(style, style)),
      second_(*this, "2", linear_options(style, style)),
      last_(*this, "4", linear_options(style, 2 * channels)) {}

at::Tensor AdaptiveNorm::operator()(const at::Tensor& x, const at::Tensor& style) const {
  const at::Tensor inner = at::leaky_relu(first_(style), kSlope);
  const std::vector<at::Tensor> both =
      last_(at::leaky_relu(second_(inner), kSlope)).unsqueeze(2).unsqueeze(3).chunk(2, 1);
  const at::Tensor plain = at::instance_norm(x, {}, {}, {}, {}, true, 0, 1e-5, false);
  return (1 + both[0]) * plain + both[1];  // [B, C, H, W]
}

BlockNorm::Learnt::Learnt(nn::Module& owner, const std::string& suffix, int64_t hidden, int64_t channels,
                          int64_t kernel, double gain)
    : gamma(owner, "mlp_gamma" + suffix, conv_options(hidden, channels, kernel, false, 1, gain)),
      beta(owner, "mlp_beta" + suffix, conv_options(hidden, channels, kernel, false, 1, gain)) {}

BlockNorm::BlockNorm(nn::Module& parent, std::string name, int64_t channels, const BlockOptions& options)
    : Module(parent, std::move(name)), biases_(options.biases), learnt_(options.hidden.size()) {
  for (size_t map = 0; map < options.hidden.size(); ++map) {
    if (map == 0 && options.is_generated) continue;
    learnt_[map].emplace(*this, map == 0 ? "" : text(map + 1), options.hidden[map], channels, options.map_kernel,
                         options.gain);
  }
  if (options.hidden.empty()) {
    norm_.emplace(*this, "", channels, options.norms.of_blocks());
  } else {
    norm_.emplace(*this, "norm", channels, options.norms.modulated());
  }
  if (options.style > 0) adaptive_.emplace(*this, channels, options.style);
}

at::Tensor BlockNorm::operator()(const at::Tensor& x, std::span<const at::Tensor> maps, const Modulation* generated,
                                 const at::Tensor& style) const {
  at::Tensor y = (*norm_)(x);
  for (size_t index = 0; index < std::min(maps.size(), learnt_.size()); ++index) {
    if (!maps[index].defined()) continue;
    const at::Tensor map = resized_like(maps[index], x);
    const std::optional<Learnt>& own = learnt_[index];
    const at::Tensor gamma = own ? own->gamma(map) : convolve_samples(map, applied(generated->gamma, biases_));
    const at::Tensor beta = own ? own->beta(map) : convolve_samples(map, applied(generated->beta, biases_));
    y = y * (1 + gamma) + beta;  // [B, C, H, W]
  }
  return adaptive_ ? (*adaptive_)(y, style) : y;
}

ResidualBlock::ResidualBlock(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t stride,
                             const BlockOptions& options)
    : Module(parent, std::move(name)), stride_(stride), changes_channels_(in != out) {
  const int64_t inner = std::min(in, out);
  const bool spectral = options.norms.spectral_norm;
  if (options.has_own_kernels) {
    conv_0_.emplace(*this, "conv_0", conv_options(in, inner, options.kernel, spectral, stride));
    conv_1_.emplace(*this, "conv_1", conv_options(inner, out, options.kernel, spectral));
    nn::ConvOptions of_shortcut = conv_options(in, out, 1, spectral, stride);
    of_shortcut.bias = false;
    if (changes_channels_) conv_s_.emplace(*this, "conv_s", of_shortcut);
  }
  norm_0_.emplace(*this, "bn_0", in, options);
  norm_1_.emplace(*this, "bn_1", inner, options);
  if (changes_channels_) norm_s_.emplace(*this, "bn_s", in, options);
}

at::Tensor ResidualBlock::operator()(const at::Tensor& x, std::span<const at::Tensor> maps,
                                     const BlockKernels* generated, const at::Tensor& style) const {
  const auto modulation = [&](std::optional<Modulation> BlockKernels::*of) {
    return generated && (generated->*of) ? &*(generated->*of) : nullptr;
  };
  const at::Tensor seen = at::leaky_relu((*norm_0_)(x, maps, modulation(&BlockKernels::norm_0), style), kSlope);
  const at::Tensor inner = convolved(seen, conv_0_, generated ? &generated->conv_0 : nullptr, stride_);
  const at::Tensor again = at::leaky_relu((*norm_1_)(inner, maps, modulation(&BlockKernels::norm_1), style), kSlope);
  return convolved(again, conv_1_, generated ? &generated->conv_1 : nullptr, 1) + shortcut(x, maps, generated, style);
}

at::Tensor ResidualBlock::shortcut(const at::Tensor& x, std::span<const at::Tensor> maps, const BlockKernels* generated,
                                   const at::Tensor& style) const {
  if (!changes_channels_) return stride_ == 1 ? x : at::avg_pool2d(x, 3, 2, 1);
  const Modulation* modulation = generated && generated->norm_s ? &*generated->norm_s : nullptr;
  return convolved((*norm_s_)(x, maps, modulation, style), conv_s_, generated ? &generated->conv_s : nullptr, stride_);
}

}  // namespace weft::fewshot
