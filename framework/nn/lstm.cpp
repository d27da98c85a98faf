#include "framework/nn/lstm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/lstm_cell.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace weft::nn {
namespace {

at::Tensor activated(const at::Tensor& x, GateActivation activation) {
  return activation == GateActivation::Sigmoid ? at::sigmoid(x) : at::clamp(x * 0.2 + 0.5, 0, 1);
}

LstmGates split(const at::Tensor& joined, GateOrder order) {
  const std::vector<at::Tensor> parts = joined.chunk(4, 1);
  switch (order) {
    case GateOrder::InputForgetCandidateOutput:
      return {.input = parts[0], .forget = parts[1], .candidate = parts[2], .output = parts[3]};
    case GateOrder::InputCandidateForgetOutput:
      return {.input = parts[0], .forget = parts[2], .candidate = parts[1], .output = parts[3]};
    case GateOrder::InputForgetOutputCandidate:
      return {.input = parts[0], .forget = parts[1], .candidate = parts[3], .output = parts[2]};
  }
  return {};
}

/// Padding that keeps the size of a map.
Padding half(const PerAxis& kernel) {
  return {kernel[0] / 2, kernel[1] / 2};
}

}  // namespace

LstmState lstm_step(const LstmGates& gates, const at::Tensor& cell, GateActivation activation) {
  at::Tensor after = activated(gates.input, activation) * at::tanh(gates.candidate);
  if (cell.defined()) after = activated(gates.forget, activation) * cell + after;
  return {activated(gates.output, activation) * at::tanh(after), after};
}

LstmCell::LstmCell(Module& parent, std::string name, LstmOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      weight_ih_(*this, "weight_ih", {4 * options.hidden, options.in},
                 Init::uniform(1 / std::sqrt(static_cast<double>(options.hidden)))),
      weight_hh_(*this, "weight_hh", {4 * options.hidden, options.hidden}, weight_ih_.init()) {
  if (!options.bias) return;
  bias_ih_.emplace(*this, "bias_ih", std::vector<int64_t>{4 * options.hidden}, weight_ih_.init());
  bias_hh_.emplace(*this, "bias_hh", std::vector<int64_t>{4 * options.hidden}, weight_ih_.init());
}

LstmState LstmCell::operator()(const at::Tensor& x, const LstmState& before) const {
  const auto or_zeros = [&](const at::Tensor& state) {
    return state.defined() ? state : at::zeros({x.size(0), options_.hidden}, x.options());
  };
  const auto value = [](const std::optional<Parameter>& bias) {
    return bias ? std::optional<at::Tensor>(**bias) : std::nullopt;
  };
  auto [hidden, cell] = at::lstm_cell(x, {or_zeros(before.hidden), or_zeros(before.cell)}, *weight_ih_, *weight_hh_,
                                      value(bias_ih_), value(bias_hh_));
  return {hidden, cell};
}

ConvLstmCell::ConvLstmCell(Module& parent, std::string name, ConvLstmOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      conv_(*this, "conv",
            {.in = options.in + options.hidden,
             .out = 4 * options.hidden,
             .kernel = options.kernel,
             .padding = half(options.kernel),
             .bias = options.bias,
             .weight_init = options.weight_init,
             .bias_init = options.bias_init}) {}

LstmState ConvLstmCell::operator()(const at::Tensor& x, const LstmState& before) const {
  const at::Tensor hidden = before.hidden.defined()
                                ? before.hidden
                                : at::zeros({x.size(0), options_.hidden, x.size(2), x.size(3)}, x.options());
  LstmGates gates = split(conv_(at::cat({x, hidden}, 1)), options_.order);  // [B, 4 hidden, H, W]
  if (options_.forget_bias != 0) gates.forget = gates.forget + options_.forget_bias;
  return lstm_step(gates, before.cell, options_.activation);
}

}  // namespace weft::nn
