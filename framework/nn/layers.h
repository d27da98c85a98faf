#pragma once

#include "framework/nn/module.h"

#include <optional>

namespace weft::nn {

/// Options of a convolution; sizes in pixels, kernels square.
struct ConvOptions {
  int64_t in = 0;
  int64_t out = 0;
  int64_t kernel = 3;
  int64_t stride = 1;
  int64_t padding = 0;         ///< with zeros
  int64_t output_padding = 0;  ///< of transposed convolutions
  bool bias = true;
};

/// Keys `weight` [out, in, k, k] and `bias` [out]. Random weights: N(0, 0.02), bias uniform in 1/sqrt(in k k).
class Conv2d : public Module {
 public:
  Conv2d(Module& parent, std::string name, ConvOptions options);
  /// [B, in, H, W] -> [B, out, (H + 2 padding - kernel) / stride + 1, ...].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  ConvOptions options_;
  Parameter weight_;
  std::optional<Parameter> bias_;
};

/// Keys `weight` [in, out, k, k] and `bias` [out].
class ConvTranspose2d : public Module {
 public:
  ConvTranspose2d(Module& parent, std::string name, ConvOptions options);
  /// [B, in, H, W] -> [B, out, (H - 1) stride - 2 padding + kernel + output_padding, ...].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  ConvOptions options_;
  Parameter weight_;
  std::optional<Parameter> bias_;
};

/// The kind of normalisation, and the statistics that it uses.
struct NormOptions {
  enum class Kind {
    Batch,    ///< keys weight, bias, running_mean, running_var, num_batches_tracked
    Instance  ///< keys running_mean, running_var, num_batches_tracked; no affine part
  };
  enum class Statistics {
    Batch,   ///< of the current input, as in training; the generators of 2018 use them at test time too
    Running  ///< the running statistics in the weights
  };

  Kind kind = Kind::Batch;
  Statistics statistics = Statistics::Batch;
  /// With batch statistics: whether the running statistics are updated (momentum 0.1) outside training too.
  bool update = false;
  double epsilon = 1e-5;
};

/// Batch or instance normalisation.
///
/// Without gradients, statistics of single samples are computed by group_norm with one channel in each group. The values
/// are those of batch_norm (on a batch of one) and instance_norm, several times faster on a CPU.
class Norm2d : public Module {
 public:
  Norm2d(Module& parent, std::string name, int64_t channels, NormOptions options);
  /// [B, C, H, W] -> the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  struct Normalised {
    at::Tensor map;                      // [B, C, H, W]
    at::Tensor mean, inverse_deviation;  // [C], without gradients
  };

  bool updates() const { return options_.update || is_training(); }
  void follow(const at::Tensor& mean, const at::Tensor& inverse_deviation, int64_t pixels) const;
  Normalised normalise(const at::Tensor& x) const;
  at::Tensor by_sample(const at::Tensor& x) const;
  at::Tensor by_batch(const at::Tensor& x, bool from_batch) const;

  NormOptions options_;
  int64_t channels_;
  std::optional<Parameter> weight_;
  std::optional<Parameter> bias_;
  Parameter running_mean_;
  Parameter running_var_;
  Parameter batches_;
};

/// Converts an input of a network to the network's type and memory layout.
at::Tensor enter(const at::Tensor& x, at::ScalarType type);

/// Converts a value to float, or leaves it in double: for outputs of networks, and for computations that must not be
/// rounded to bfloat16.
at::Tensor widened(const at::Tensor& x);

/// Reflects `pixels` columns and rows at each border.
at::Tensor reflection_pad(const at::Tensor& x, int64_t pixels);

}  // namespace weft::nn
