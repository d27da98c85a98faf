#include "framework/train/optimiser.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

namespace weft::train {
namespace {

/// The gradient in the parameter's memory layout, which the fused kernels take for granted.
at::Tensor laid_out(const at::Tensor& gradient, const at::Tensor& parameter) {
  if (gradient.strides() == parameter.strides()) return gradient;
  return at::empty_like(parameter).copy_(gradient);
}

}  // namespace

Optimiser::Optimiser(const graph::UpdateSettings& settings, std::vector<std::string> names)
    : rule_(settings.rule),
      beta1_(settings.betas[0]),
      beta2_(settings.betas[1]),
      epsilon_(settings.epsilon),
      weight_decay_(settings.weight_decay),
      momentum_(settings.momentum),
      names_(std::move(names)),
      memories_(names_.size()) {}

void Optimiser::begin(Memory& memory, const at::Tensor& parameter) const {
  if (rule_ == Rule::Sgd && momentum_ == 0) return;
  memory.first = at::zeros_like(parameter);
  memory.steps = at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(parameter.device()));
  if (rule_ != Rule::Sgd) memory.second = at::zeros_like(parameter);
}

void Optimiser::step(const std::vector<at::Tensor>& parameters, const std::vector<at::Tensor>& gradients, double rate) {
  const c10::AutoGradMode no_gradients(false);
  std::vector<size_t> moved;
  for (size_t i = 0; i < parameters.size(); ++i) {
    if (!gradients[i].defined()) continue;
    if (!memories_[i].first.defined()) begin(memories_[i], parameters[i].detach());
    moved.push_back(i);
  }
  if (moved.empty()) return;
  if (rule_ != Rule::Sgd) return step_adam(moved, parameters, gradients, rate);
  for (const size_t i : moved) step_sgd(i, parameters[i], gradients[i], rate);
}

void Optimiser::step_adam(const std::vector<size_t>& moved, const std::vector<at::Tensor>& parameters,
                          const std::vector<at::Tensor>& gradients, double rate) {
  std::vector<at::Tensor> changed, slopes, first, second, steps;
  for (const size_t i : moved) {
    changed.push_back(parameters[i].detach());
    slopes.push_back(laid_out(gradients[i], parameters[i]));
    first.push_back(memories_[i].first);
    second.push_back(memories_[i].second);
    steps.push_back(memories_[i].steps);
  }
  at::_foreach_add_(steps, 1);
  if (rule_ == Rule::Adam) {
    at::_fused_adam_(changed, slopes, first, second, {}, steps, rate, beta1_, beta2_, weight_decay_, epsilon_, false,
                     false);
  } else {
    at::_fused_adamw_(changed, slopes, first, second, {}, steps, rate, beta1_, beta2_, weight_decay_, epsilon_, false,
                      false);
  }
}

void Optimiser::step_sgd(size_t index, const at::Tensor& parameter, at::Tensor gradient, double rate) {
  const at::Tensor changed = parameter.detach();
  if (weight_decay_ != 0) gradient = gradient + changed * weight_decay_;
  Memory& memory = memories_[index];
  if (momentum_ != 0) {
    // PyTorch's first step takes the gradient whole, as zeros times the momentum plus the gradient are.
    memory.first.mul_(momentum_).add_(gradient);
    memory.steps.add_(1);
    gradient = memory.first;
  }
  changed.add_(gradient, -rate);
}

void Optimiser::save(const std::string& prefix, const std::vector<at::Tensor>& parameters,
                     Archive::Entries& entries) const {
  for (size_t i = 0; i < names_.size(); ++i) {
    Memory memory = memories_[i];
    if (!memory.first.defined()) begin(memory, parameters[i].detach());
    if (memory.first.defined()) entries[text(prefix, "/first/", names_[i])] = memory.first;
    if (memory.second.defined()) entries[text(prefix, "/second/", names_[i])] = memory.second;
    if (memory.steps.defined()) entries[text(prefix, "/steps/", names_[i])] = memory.steps;
  }
}

void Optimiser::load(const std::string& prefix, const Archive::Entries& entries,
                     const std::vector<at::Tensor>& parameters) {
  for (size_t i = 0; i < names_.size(); ++i) {
    const auto first = entries.find(text(prefix, "/first/", names_[i]));
    memories_[i] = {};
    if (first == entries.end() || first->second.sizes() != parameters[i].sizes()) continue;
    begin(memories_[i], parameters[i].detach());
    if (!memories_[i].first.defined()) continue;
    memories_[i].first.copy_(first->second);
    const auto steps = entries.find(text(prefix, "/steps/", names_[i]));
    if (steps != entries.end()) memories_[i].steps.copy_(steps->second);
    const auto second = entries.find(text(prefix, "/second/", names_[i]));
    if (second != entries.end() && memories_[i].second.defined()) memories_[i].second.copy_(second->second);
  }
}

}  // namespace weft::train
