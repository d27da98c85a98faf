#pragma once

#include "framework/nn/layers.h"

#include <optional>

namespace weft::nn {

/// A convolution with spectral normalisation: its kernel is divided by its largest singular value.
///
///   v <- W'u / |W'u|,  u <- W v / |W v|,  kernel = W / (u' W v),  W = weight as [out, in k k]
///
/// In training each call does one step of this power iteration, without gradients; otherwise the vectors stay unchanged.
/// Gradients flow through W, also through the W in the divisor.
///
/// Keys bias, weight_orig [out, in, k, k], weight_u [out], weight_v [in k k], in this order.
/// Source: Miyato et al. 2018, "Spectral Normalization for Generative Adversarial Networks", as PyTorch's hook
/// spectral_norm has it.
class SpectralConv2d : public Module {
 public:
  SpectralConv2d(Module& parent, std::string name, ConvOptions options);
  /// [B, in, H, W] -> [B, out, (H + 2 padding - kernel) / stride + 1, ...].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  /// The kernel to convolve with; takes a step of the power iteration in training.
  at::Tensor weight() const;

  ConvOptions options_;
  std::optional<Parameter> bias_;
  Parameter weight_;
  Parameter u_;
  Parameter v_;
};

}  // namespace weft::nn
