#pragma once

#include "framework/nn/layer_weights.h"

namespace weft::nn {

struct LinearOptions {
  int64_t in = 0;
  int64_t out = 0;
  bool bias = true;
  bool spectral_norm = false;          ///< keys and formula: SpectralNorm
  Init weight_init = Init::fan_in();   ///< PyTorch's default
  std::optional<Init> bias_init = {};  ///< if absent: uniform in ±1/sqrt(in), PyTorch's default
};

/// Keys `weight` [out, in] and `bias` [out].
class Linear : public Module {
 public:
  Linear(Module& parent, std::string name, LinearOptions options);
  /// [..., in] -> [..., out].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  LayerWeights weights_;
};

}  // namespace weft::nn
