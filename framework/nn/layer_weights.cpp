#include "framework/nn/layer_weights.h"

namespace weft::nn {

LayerWeights::LayerWeights(Module& owner, const LayerWeightsOptions& options) {
  if (!options.spectral_norm) weight_.emplace(owner, "weight", options.shape, options.weight_init);
  if (options.out > 0) {
    bias_.emplace(owner, "bias", std::vector<int64_t>{options.out},
                  options.bias_init.value_or(Init::fan_in().of(options.shape)));
  }
  if (options.spectral_norm) spectral_.emplace(owner, options.shape, options.out_axis, options.weight_init);
}

std::optional<at::Tensor> LayerWeights::bias() const {
  return bias_ ? std::optional<at::Tensor>(**bias_) : std::nullopt;
}

}  // namespace weft::nn
