#include "plugins/gan/patch_network.h"

#include <ATen/ops/leaky_relu.h>

#include <algorithm>

namespace weft::gan {
namespace {

constexpr double kSlope = 0.2;

/// Where the keys of a layer are, without the number of its part.
struct LayerKeys {
  std::string conv, norm;
};

LayerKeys keys_of(int64_t network, int64_t layer, bool keeps_features) {
  if (keeps_features) {
    const std::string prefix = text("scale", network, "_layer", layer);
    return {prefix + ".0", prefix + ".1"};
  }
  // One sequence: convolution and activation first, then convolution, norm and activation each.
  const int64_t conv = layer == 0 ? 0 : 3 * layer - 1;
  return {text("layer", network, '.', conv), text("layer", network, '.', conv + 1)};
}

}  // namespace

int64_t PatchOptions::first_channels(int64_t index) const {
  int64_t channels = features;
  for (int64_t finer = index + 1; finer < scales; ++finer) channels = std::min(2 * channels, kMostFirstChannels);
  return std::min(channels, kMostFirstChannels);
}

PatchNetwork::PatchNetwork(nn::Module& owner, int64_t index, int64_t in, const PatchOptions& options)
    : keeps_features_(options.feature_matching) {
  int64_t out = options.first_channels(index);
  for (int64_t layer = 0; layer <= options.layers + 1; ++layer) {
    const bool is_first = layer == 0, is_last = layer == options.layers + 1;
    if (!is_first) out = is_last ? 1 : std::min(2 * in, PatchOptions::kMostChannels);
    const int64_t stride = layer < options.layers ? 2 : 1;
    const LayerKeys keys = keys_of(index, layer, keeps_features_);
    const nn::ConvOptions conv{
        .in = in, .out = out, .kernel = 4, .stride = stride, .padding = 2, .spectral_norm = options.spectral_norm};
    layers_.push_back(std::make_unique<Layer>(owner, keys.conv, conv));
    if (!is_first && !is_last) layers_.back()->norm.emplace(owner, keys.norm, out, options.norm);
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
