#pragma once

#include "framework/nn/module.h"

namespace weft::nn {

/// A weight that is divided by its largest singular value, so that its layer stretches no input.
///
///   v <- W'u / |W'u|,  u <- W v / |W v|,  weight = W / (u' W v)
///
/// W is the parameter as a matrix with a row for each output. In training each call takes one step of that power iteration,
/// without gradients; otherwise the vectors stay as they are. Gradients go through W, in the quotient too.
///
/// Keys weight_orig, weight_u [rows], weight_v [columns], in this order. Layers have it by their option `spectral_norm`
/// (framework/nn/layer_weights.h).
/// Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks", as PyTorch's hook
/// spectral_norm has it.
class SpectralNorm {
 public:
  /// @param rows  the axis of `shape` that counts outputs: 0, and 1 of transposed convolutions
  SpectralNorm(Module& owner, const std::vector<int64_t>& shape, int64_t rows, Init init);

  /// The weight to compute with; takes a step of the power iteration in training.
  at::Tensor operator()() const;

 private:
  const Module& owner_;
  int64_t rows_;
  Parameter weight_;
  Parameter u_;
  Parameter v_;
};

}  // namespace weft::nn
