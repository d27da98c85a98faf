#pragma once

#include "framework/nn/module.h"

#include <optional>

namespace weft::nn {

/// Which normalisation a network has, and which statistics it normalises with.
struct NormOptions {
  enum class Kind {
    Batch,    ///< by channel, over all samples
    Instance  ///< by channel and sample
  };
  enum class Statistics {
    Batch,    ///< of the values at hand, as in training; what the 2018 generators do at test time too
    Running,  ///< those in the weights
    ByMode,   ///< of the values at hand in training, those in the weights otherwise: the modules of PyTorch
    Frozen    ///< those in the weights, and nothing learns: FrozenBatchNorm2d of torchvision
  };

  Kind kind = Kind::Batch;
  Statistics statistics = Statistics::Batch;
  /// With batch statistics: whether the running ones follow outside training too.
  bool update = false;
  double epsilon = 1e-5;
  double momentum = 0.1;            ///< share of the values at hand in the running statistics that follow
  std::optional<bool> affine = {};  ///< keys weight, bias; if absent: batch norms have them, instance norms not
  bool running = true;              ///< keys running_mean, running_var, num_batches_tracked (Frozen lacks the last)
  Init weight_init = Init::normal(1, 0.02);  ///< of pix2pixHD and vid2vid; PyTorch's default is Init::ones()
};

/// Batch or instance normalisation of maps with any number of axes.
///
///   y = (x - mean) / sqrt(variance + epsilon) * weight + bias
///
/// Keys weight, bias, running_mean, running_var, num_batches_tracked, in this order; NormOptions says which are there.
///
/// Where nothing learns, statistics of single samples go through group_norm with one channel a group: the same numbers as
/// batch_norm (on a batch of one) and instance_norm, several times faster on a CPU.
class Norm : public Module {
 public:
  Norm(Module& parent, std::string name, int64_t channels, NormOptions options);
  /// [B, C, ...] -> the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  struct Normalised {
    at::Tensor map;                      // [B, C, ...]
    at::Tensor mean, inverse_deviation;  // [C], without gradients
  };

  bool uses_running() const;
  bool updates() const { return running_mean_ && (options_.update || is_training()); }
  void follow(const at::Tensor& mean, const at::Tensor& inverse_deviation, int64_t pixels) const;
  Normalised normalise(const at::Tensor& x) const;
  at::Tensor by_sample(const at::Tensor& x) const;
  at::Tensor by_batch(const at::Tensor& x, bool from_batch) const;

  NormOptions options_;
  int64_t channels_;
  std::optional<Parameter> weight_;
  std::optional<Parameter> bias_;
  std::optional<Parameter> running_mean_;
  std::optional<Parameter> running_var_;
  std::optional<Parameter> batches_;
};

/// Names that say what the map is: [B, C, H, W] or [B, C, T, H, W].
using Norm2d = Norm;
using Norm3d = Norm;

struct GroupNormOptions {
  int64_t groups = 1;
  int64_t channels = 0;
  double epsilon = 1e-5;
  bool affine = true;
};

/// Normalises each group of neighbouring channels of each sample. Keys `weight` and `bias` [channels], which start at 1
/// and 0.
class GroupNorm : public Module {
 public:
  GroupNorm(Module& parent, std::string name, GroupNormOptions options);
  /// [B, channels, ...] -> the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  GroupNormOptions options_;
  std::optional<Parameter> weight_;
  std::optional<Parameter> bias_;
};

struct LayerNormOptions {
  std::vector<int64_t> shape = {};  ///< of the last dimensions, which are normalised together
  double epsilon = 1e-5;
  bool affine = true;
};

/// Normalises over the last dimensions. Keys `weight` and `bias` of these dimensions, which start at 1 and 0.
class LayerNorm : public Module {
 public:
  LayerNorm(Module& parent, std::string name, LayerNormOptions options);
  /// [..., shape] -> the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  LayerNormOptions options_;
  std::optional<Parameter> weight_;
  std::optional<Parameter> bias_;
};

}  // namespace weft::nn
