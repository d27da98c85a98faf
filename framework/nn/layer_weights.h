#pragma once

#include "framework/nn/spectral_norm.h"

#include <optional>

namespace weft::nn {

/// Shape and initial values of a layer's weight and bias.
struct LayerWeightsOptions {
  std::vector<int64_t> shape = {};  ///< of the weight
  int64_t out_axis = 0;             ///< of `shape`: counts outputs
  int64_t out = 0;                  ///< numbers of the bias; 0: none
  bool spectral_norm = false;
  Init weight_init = {};
  std::optional<Init> bias_init = {};  ///< if absent: uniform in ±1/sqrt(fan in of the weight), PyTorch's default
};

/// The weight of a layer, and its bias where it has one.
///
/// Keys weight, bias; with spectral norm bias, weight_orig, weight_u, weight_v, in this order.
class LayerWeights {
 public:
  LayerWeights(Module& owner, const LayerWeightsOptions& options);

  /// The weight to compute with. One call for each use of the layer: with spectral norm it is a step of the power iteration.
  at::Tensor weight() const { return spectral_ ? (*spectral_)() : **weight_; }
  std::optional<at::Tensor> bias() const;

 private:
  std::optional<Parameter> weight_;
  std::optional<Parameter> bias_;
  std::optional<SpectralNorm> spectral_;
};

}  // namespace weft::nn
