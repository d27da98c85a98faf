#pragma once

#include "framework/nn/axes.h"
#include "framework/nn/layer_weights.h"
#include "framework/nn/one_hot.h"
#include "framework/nn/one_hot_conv.h"

namespace weft::nn {

/// What a convolution is made of; sizes in pixels.
struct ConvOptions {
  int64_t in = 0;
  int64_t out = 0;
  PerAxis kernel = 3;
  PerAxis stride = 1;
  Padding padding = 0;         ///< with zeros
  PerAxis output_padding = 0;  ///< of transposed convolutions
  PerAxis dilation = 1;
  int64_t groups = 1;
  bool bias = true;
  bool spectral_norm = false;                ///< keys and formula: SpectralNorm
  Init weight_init = Init::normal(0, 0.02);  ///< of pix2pixHD and vid2vid; PyTorch's default is Init::fan_in()
  std::optional<Init> bias_init = {};        ///< if absent: uniform in ±1/sqrt(fan in), PyTorch's default
};

/// The part that all convolutions share: keys `weight` and `bias` [out].
class Convolution : public Module {
 protected:
  enum class Kind { Forward, Transposed };
  Convolution(Module& parent, std::string name, ConvOptions options, size_t axes, Kind kind);

  const ConvOptions& options() const { return options_; }
  Sweep sweep() const { return {options_.kernel, options_.stride, options_.dilation}; }
  const LayerWeights& weights() const { return weights_; }

 private:
  ConvOptions options_;
  LayerWeights weights_;
};

/// Keys `weight` [out, in / groups, k, k] and `bias` [out].
class Conv2d : public Convolution {
 public:
  Conv2d(Module& parent, std::string name, ConvOptions options);
  /// [B, in, H, W] -> [B, out, (H + padding - (kernel - 1) dilation - 1) / stride + 1, ...], padding of both sides.
  at::Tensor operator()(const at::Tensor& x) const;
  /// The same of a map that may be given by its ids, with which it computes where it can (gathered_conv2d).
  at::Tensor operator()(const MapOrIds& x) const;
  /// The convolution after reflection_pad(x, pixels), of a layer that has no padding itself.
  at::Tensor reflected(const MapOrIds& x, int64_t pixels) const;

 private:
  at::Tensor convolved(const at::Tensor& x, const at::Tensor& weight) const;
  bool gathers(const MapOrIds& x, const at::Tensor& weight, const Padding& padding) const;
  at::Tensor gathered(const OneHot& x, const at::Tensor& weight, const Padding& padding, TapAxis::Border border) const;
};

/// Keys `weight` [out, in / groups, k, k, k] and `bias` [out].
class Conv3d : public Convolution {
 public:
  Conv3d(Module& parent, std::string name, ConvOptions options);
  /// [B, in, T, H, W] -> [B, out, T', H', W'], by the formula of Conv2d.
  at::Tensor operator()(const at::Tensor& x) const;
};

/// Keys `weight` [in, out / groups, k, k] and `bias` [out].
class ConvTranspose2d : public Convolution {
 public:
  ConvTranspose2d(Module& parent, std::string name, ConvOptions options);
  /// [B, in, H, W] -> [B, out, (H - 1) stride + (kernel - 1) dilation + 1 - padding + output_padding, ...], padding of both
  /// sides.
  at::Tensor operator()(const at::Tensor& x) const;
};

}  // namespace weft::nn
