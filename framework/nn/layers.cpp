#include "framework/nn/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv_transpose2d.h>
#include <ATen/ops/native_batch_norm.h>
#include <ATen/ops/native_group_norm.h>
#include <ATen/ops/reflection_pad2d.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <algorithm>
#include <cmath>

namespace weft::nn {
namespace {

constexpr double kMomentum = 0.1;

Init bias_init(int64_t fan_in) {
  return Init::uniform(1.0 / std::sqrt(static_cast<double>(fan_in)));
}

bool is_affine(const NormOptions& options) {
  return options.kind == NormOptions::Kind::Batch;
}

std::optional<at::Tensor> value_of(const std::optional<Parameter>& parameter) {
  return parameter ? std::optional<at::Tensor>(**parameter) : std::nullopt;
}

/// Whether LibTorch's batch norm would sum this map in float, as it does on a CPU where maps lie channels last. Then the
/// map is taken from its first pixel, which changes no result but rounding: one that is the same everywhere stays exactly
/// 0 instead of noise that the norm amplifies.
bool sums_in_float(const at::Tensor& x) {
  return x.is_cpu() && x.scalar_type() == at::kFloat && !x.is_contiguous();
}

}  // namespace

Conv2d::Conv2d(Module& parent, std::string name, ConvOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      weight_(*this, "weight", {options.out, options.in, options.kernel, options.kernel}, Init::normal(0, 0.02)) {
  if (options.bias) {
    bias_.emplace(*this, "bias", std::vector<int64_t>{options.out},
                  bias_init(options.in * options.kernel * options.kernel));
  }
}

at::Tensor Conv2d::operator()(const at::Tensor& x) const {
  return at::conv2d(x, *weight_, value_of(bias_), options_.stride, options_.padding);
}

ConvTranspose2d::ConvTranspose2d(Module& parent, std::string name, ConvOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      weight_(*this, "weight", {options.in, options.out, options.kernel, options.kernel}, Init::normal(0, 0.02)) {
  if (options.bias) {
    // PyTorch takes the second axis of the weight for the fan-in, here the output channels.
    bias_.emplace(*this, "bias", std::vector<int64_t>{options.out},
                  bias_init(options.out * options.kernel * options.kernel));
  }
}

at::Tensor ConvTranspose2d::operator()(const at::Tensor& x) const {
  return at::conv_transpose2d(x, *weight_, value_of(bias_), options_.stride, options_.padding, options_.output_padding);
}

Norm2d::Norm2d(Module& parent, std::string name, int64_t channels, NormOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      channels_(channels),
      weight_(is_affine(options) ? std::optional<Parameter>(std::in_place, *this, "weight",
                                                            std::vector<int64_t>{channels}, Init::normal(1, 0.02))
                                 : std::nullopt),
      bias_(is_affine(options)
                ? std::optional<Parameter>(std::in_place, *this, "bias", std::vector<int64_t>{channels}, Init::zeros())
                : std::nullopt),
      running_mean_(*this, "running_mean", {channels}, Init::zeros(), Parameter::Role::Statistic),
      running_var_(*this, "running_var", {channels}, Init::ones(), Parameter::Role::Statistic),
      batches_(*this, "num_batches_tracked", {}, Init::zeros(), Parameter::Role::Statistic, at::kLong) {}

at::Tensor Norm2d::operator()(const at::Tensor& x) const {
  if (options_.statistics == NormOptions::Statistics::Running) return by_batch(x, false);
  const bool each_alone = options_.kind == NormOptions::Kind::Instance || x.size(0) == 1;
  return each_alone ? by_sample(x) : by_batch(x, true);
}

/// With gradients each sample goes through batch_norm: the gradients of group_norm take many times as long (measured on
/// CPUs, channels last, bfloat16).
at::Tensor Norm2d::by_sample(const at::Tensor& x) const {
  const int64_t batch = x.size(0), pixels = x.size(2) * x.size(3);
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
Norm2d::Normalised Norm2d::normalise(const at::Tensor& x) const {
  const at::Tensor first = sums_in_float(x) ? x.detach().narrow(2, 0, 1).narrow(3, 0, 1).narrow(0, 0, 1) : at::Tensor();
  auto [map, mean, inverse_deviation] = at::native_batch_norm(
      first.defined() ? x - first : x, value_of(weight_), value_of(bias_), {}, {}, true, kMomentum, options_.epsilon);
  mean = mean.detach();
  return {map, first.defined() ? mean + first.flatten() : mean, inverse_deviation.detach()};
}

/// Moves the running statistics by those of single samples; those of an instance norm count as one batch: they are
/// averaged.
void Norm2d::follow(const at::Tensor& mean, const at::Tensor& inverse_deviation, int64_t pixels) const {
  const at::Tensor variance = inverse_deviation.to(at::kFloat).square().reciprocal() - options_.epsilon;
  const double unbiased = static_cast<double>(pixels) / static_cast<double>(std::max<int64_t>(pixels - 1, 1));
  running_mean_->mul_(1 - kMomentum).add_(mean.to(at::kFloat).mean(0), kMomentum);
  running_var_->mul_(1 - kMomentum).add_(variance.mean(0), kMomentum * unbiased);
  batches_->add_(1);
}

at::Tensor Norm2d::by_batch(const at::Tensor& x, bool from_batch) const {
  if (from_batch && sums_in_float(x)) {
    const Normalised of_batch = normalise(x);
    if (updates()) follow(of_batch.mean.unsqueeze(0), of_batch.inverse_deviation.unsqueeze(0), x.numel() / channels_);
    return of_batch.map;
  }
  if (from_batch && updates()) batches_->add_(1);
  const bool with_running = !from_batch || updates();
  const auto running = [&](const Parameter& p) { return with_running ? std::optional<at::Tensor>(*p) : std::nullopt; };
  return at::batch_norm(x, value_of(weight_), value_of(bias_), running(running_mean_), running(running_var_),
                        from_batch, kMomentum, options_.epsilon, false);
}

at::Tensor enter(const at::Tensor& x, at::ScalarType type) {
  return x.to(type).contiguous(layout_of(type));
}

at::Tensor widened(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

at::Tensor reflection_pad(const at::Tensor& x, int64_t pixels) {
  // A copy needs no more digits than it copies; autocast would widen the map to float and narrow it again.
  const c10::impl::ExcludeDispatchKeyGuard as_it_is(c10::autocast_dispatch_keyset);
  return at::reflection_pad2d(x, {pixels, pixels, pixels, pixels});
}

}  // namespace weft::nn
