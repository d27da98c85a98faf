#include "plugins/gan/patch_network.h"

#include <ATen/ops/leaky_relu.h>

#include <algorithm>

namespace weft::gan {
namespace {

constexpr double kSlope = 0.2, kSpadeGain = 0.02, kFewShotEpsilon = 0.1;

/// Where the keys of a layer are, without the number of its part.
struct LayerKeys {
  std::string conv, norm;
};

/// The place of a layer in its network.
enum class Part { First, Middle, Last };

LayerKeys keys_of(int64_t network, int64_t layer, Part part, const PatchOptions& options) {
  if (options.is_of_spade()) {
    const std::string prefix = text("discriminator_", network, ".model", layer, ".0");
    return part == Part::Middle ? LayerKeys{prefix + ".0", prefix + ".1"} : LayerKeys{prefix, ""};
  }
  if (options.feature_matching) {
    const std::string prefix = text("scale", network, "_layer", layer);
    return {prefix + ".0", prefix + ".1"};
  }
  // One sequence: convolution and activation first, then convolution, norm and activation each.
  const int64_t conv = part == Part::First ? 0 : 3 * layer - 1;
  return {text("layer", network, '.', conv), text("layer", network, '.', conv + 1)};
}

/// SPADE: spectral norm in the layers with a norm alone, which have no bias then; Xavier where there is none.
nn::ConvOptions spade_conv(nn::ConvOptions conv, Part part, PatchOptions::Variant variant) {
  conv.spectral_norm = conv.spectral_norm && part == Part::Middle;
  conv.bias = part != Part::Middle;
  const bool is_plain = conv.spectral_norm && variant == PatchOptions::Variant::Spade;
  conv.weight_init = is_plain ? nn::Init::fan_in() : nn::Init::xavier_normal(kSpadeGain);
  conv.bias_init = nn::Init::zeros();
  return conv;
}

}  // namespace

int64_t PatchOptions::first_channels(int64_t index) const {
  if (variant != Variant::Vid2vid) return features;
  int64_t channels = features;
  for (int64_t finer = index + 1; finer < scales; ++finer) channels = std::min(2 * channels, kMostFirstChannels);
  return std::min(channels, kMostFirstChannels);
}

nn::NormOptions PatchOptions::norm_of_layers() const {
  if (variant == Variant::Vid2vid || norm.kind == nn::NormOptions::Kind::Batch) return norm;
  if (variant == Variant::FewShot) {
    return {.kind = nn::NormOptions::Kind::Instance,
            .epsilon = kFewShotEpsilon,
            .affine = true,
            .running = false,
            .weight_init = nn::Init::ones()};
  }
  return {.kind = nn::NormOptions::Kind::Instance, .running = false};
}

PatchNetwork::PatchNetwork(nn::Module& owner, int64_t index, int64_t in, const PatchOptions& options)
    : keeps_features_(options.feature_matching) {
  int64_t out = options.first_channels(index);
  for (int64_t layer = 0; layer <= options.layers + 1; ++layer) {
    const Part part = layer == 0 ? Part::First : layer == options.layers + 1 ? Part::Last : Part::Middle;
    if (part == Part::Middle) out = std::min(2 * in, PatchOptions::kMostChannels);
    if (part == Part::Last) out = 1;
    const int64_t stride = layer < options.layers ? 2 : 1;
    const LayerKeys keys = keys_of(index, layer, part, options);
    const nn::ConvOptions conv{
        .in = in, .out = out, .kernel = 4, .stride = stride, .padding = 2, .spectral_norm = options.spectral_norm};
    layers_.push_back(std::make_unique<Layer>(owner, keys.conv,
                                              options.is_of_spade() ? spade_conv(conv, part, options.variant) : conv));
    if (part == Part::Middle) layers_.back()->norm.emplace(owner, keys.norm, out, options.norm_of_layers());
    in = out;
  }
}

Verdict PatchNetwork::operator()(at::Tensor x) const {
  Verdict verdict;
  for (const auto& layer : layers_) {
    x = layer->conv(x);
    if (layer == layers_.back()) break;
    if (layer->norm) x = (*layer->norm)(x);
    // No other node reads the output of a convolution or a norm, so it can be changed in place.
    at::leaky_relu_(x, kSlope);
    if (keeps_features_) verdict.features.push_back(x);
  }
  verdict.score = nn::widened(x);
  return verdict;
}

}  // namespace weft::gan
