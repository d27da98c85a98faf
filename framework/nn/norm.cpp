#include "framework/nn/norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_group_norm.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cassert>

namespace weft::nn {
namespace {

using Role = Parameter::Role;

std::optional<at::Tensor> value_of(const std::optional<Parameter>& parameter) {
  return parameter ? std::optional<at::Tensor>(**parameter) : std::nullopt;
}

/// Whether LibTorch's batch norm would sum this map in float, as it does on a CPU where maps lie channels last. Then the
/// map is taken from its first pixel, which changes no result but rounding: one that is the same everywhere stays exactly
/// 0 instead of noise that the norm amplifies.
bool sums_in_float(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && !x.is_contiguous();
}

/// [B, C, ...] -> [1, C, 1, ...].
at::Tensor first_pixel(at::Tensor x) {
  for (int64_t dim = 0; dim < x.dim(); ++dim) {
    if (dim != 1) x = x.narrow(dim, 0, 1);
  }
  return x;
}

}  // namespace

Norm::Norm(Module& parent, std::string name, int64_t channels, NormOptions options)
    : Module(parent, std::move(name)), options_(options), channels_(channels) {
  const bool is_frozen = options.statistics == NormOptions::Statistics::Frozen;
  assert(options.running || options.statistics == NormOptions::Statistics::Batch);
  const std::vector<int64_t> shape{channels};
  if (options.affine.value_or(options.kind == NormOptions::Kind::Batch)) {
    const Role role = is_frozen ? Role::Statistic : Role::Learnt;
    weight_.emplace(*this, "weight", shape, options.weight_init, role);
    bias_.emplace(*this, "bias", shape, Init::zeros(), role);
  }
  if (!options.running) return;
  running_mean_.emplace(*this, "running_mean", shape, Init::zeros(), Role::Statistic);
  running_var_.emplace(*this, "running_var", shape, Init::ones(), Role::Statistic);
  if (!is_frozen)
    batches_.emplace(*this, "num_batches_tracked", std::vector<int64_t>{}, Init::zeros(), Role::Statistic, at::kLong);
}

bool Norm::uses_running() const {
  switch (options_.statistics) {
    case NormOptions::Statistics::Batch:
      return false;
    case NormOptions::Statistics::ByMode:
      return !is_training();
    case NormOptions::Statistics::Running:
    case NormOptions::Statistics::Frozen:
      return true;
  }
  return false;
}

at::Tensor Norm::operator()(const at::Tensor& x) const {
  if (uses_running()) return by_batch(x, false);
  const bool each_alone = options_.kind == NormOptions::Kind::Instance || x.size(0) == 1;
  return each_alone ? by_sample(x) : by_batch(x, true);
}

/// With gradients each sample goes through batch_norm: the gradients of group_norm take many times as long (measured on
/// CPUs, channels last, bfloat16).
at::Tensor Norm::by_sample(const at::Tensor& x) const {
  const int64_t batch = x.size(0), pixels = x.numel() / (batch * channels_);
  if (c10::GradMode::is_enabled()) {
    std::vector<at::Tensor> all, means, inverse_deviations;
    for (const at::Tensor& sample : x.split(1)) {
      const Normalised of_sample = normalise(sample);
      all.push_back(of_sample.map);
      means.push_back(of_sample.mean);
      inverse_deviations.push_back(of_sample.inverse_deviation);
    }
    if (updates()) follow(at::stack(means), at::stack(inverse_deviations), pixels);
    return batch == 1 ? all.front() : at::cat(all);
  }
  auto [normalised, mean, inverse_deviation] = at::native_group_norm(x, value_of(weight_), value_of(bias_), batch,
                                                                     channels_, pixels, channels_, options_.epsilon);
  if (updates()) follow(mean.detach(), inverse_deviation.detach(), pixels);
  return normalised;
}

/// By the statistics of all its samples together.
Norm::Normalised Norm::normalise(const at::Tensor& x) const {
  const at::Tensor first = sums_in_float(x) ? first_pixel(x.detach()) : at::Tensor();
  auto [map, mean, inverse_deviation] =
      at::native_batch_norm(first.defined() ? x - first : x, value_of(weight_), value_of(bias_), {}, {}, true,
                            options_.momentum, options_.epsilon);
  mean = mean.detach();
  return {map, first.defined() ? mean + first.flatten() : mean, inverse_deviation.detach()};
}

/// Moves the running statistics by those of single samples; those of an instance norm count as one batch: they are
/// averaged.
void Norm::follow(const at::Tensor& mean, const at::Tensor& inverse_deviation, int64_t pixels) const {
  const at::Tensor variance = inverse_deviation.to(at::kFloat).square().reciprocal() - options_.epsilon;
  const double unbiased = static_cast<double>(pixels) / static_cast<double>(std::max<int64_t>(pixels - 1, 1));
  (*running_mean_)->mul_(1 - options_.momentum).add_(mean.to(at::kFloat).mean(0), options_.momentum);
  (*running_var_)->mul_(1 - options_.momentum).add_(variance.mean(0), options_.momentum * unbiased);
  (*batches_)->add_(1);
}

at::Tensor Norm::by_batch(const at::Tensor& x, bool from_batch) const {
  if (from_batch && sums_in_float(x)) {
    const Normalised of_batch = normalise(x);
    if (updates()) follow(of_batch.mean.unsqueeze(0), of_batch.inverse_deviation.unsqueeze(0), x.numel() / channels_);
    return of_batch.map;
  }
  if (from_batch && updates()) (*batches_)->add_(1);
  const bool with_running = !from_batch || updates();
  const auto running = [&](const std::optional<Parameter>& p) { return with_running ? value_of(p) : std::nullopt; };
  if (!from_batch && x.scalar_type() == at::kDouble) {
    const auto exact = [](const std::optional<Parameter>& p) { return p ? (*p)->to(at::kDouble) : at::Tensor(); };
    return at::batch_norm(x, exact(weight_), exact(bias_), exact(running_mean_), exact(running_var_), false,
                          options_.momentum, options_.epsilon, false);
  }
  // The running statistics are in float whatever the network computes in, and LibTorch wants the weight and the bias alike.
  const auto affine = [&](const std::optional<Parameter>& p) {
    return p && with_running ? (*p)->to((*running_mean_)->scalar_type()) : value_of(p);
  };
  return at::batch_norm(x, affine(weight_), affine(bias_), running(running_mean_), running(running_var_), from_batch,
                        options_.momentum, options_.epsilon, false);
}

GroupNorm::GroupNorm(Module& parent, std::string name, GroupNormOptions options)
    : Module(parent, std::move(name)), options_(options) {
  if (!options.affine) return;
  weight_.emplace(*this, "weight", std::vector<int64_t>{options.channels}, Init::ones());
  bias_.emplace(*this, "bias", std::vector<int64_t>{options.channels}, Init::zeros());
}

at::Tensor GroupNorm::operator()(const at::Tensor& x) const {
  return at::group_norm(x, options_.groups, value_of(weight_), value_of(bias_), options_.epsilon);
}

LayerNorm::LayerNorm(Module& parent, std::string name, LayerNormOptions options)
    : Module(parent, std::move(name)), options_(std::move(options)) {
  if (!options_.affine) return;
  weight_.emplace(*this, "weight", options_.shape, Init::ones());
  bias_.emplace(*this, "bias", options_.shape, Init::zeros());
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  return at::layer_norm(x, options_.shape, value_of(weight_), value_of(bias_), options_.epsilon);
}

}  // namespace weft::nn
