#pragma once

#include "framework/nn/conv.h"

namespace weft::nn {

/// State of an LSTM: two tensors [B, hidden] or [B, hidden, H, W]. Both are undefined at the beginning of a sequence, which
/// stands for zeros.
struct LstmState {
  at::Tensor hidden, cell;
};

/// Gates of an LSTM before their activation.
struct LstmGates {
  at::Tensor input, forget, candidate, output;
};

/// The function that brings a gate to [0, 1].
enum class GateActivation {
  Sigmoid,
  HardSigmoid  ///< clip(0.2 x + 0.5, 0, 1), as Keras 2 and PredNet have it; PyTorch's slope is 1/6
};

/// One step of an LSTM from its gates:
///
///   cell' = a(forget) cell + a(input) tanh(candidate),    hidden' = a(output) tanh(cell'),    a = activation
///
/// Source: Hochreiter and Schmidhuber 1997, with forget gates and without peepholes.
/// @param cell  cell state of the step before; undefined stands for zeros
LstmState lstm_step(const LstmGates& gates, const at::Tensor& cell,
                    GateActivation activation = GateActivation::Sigmoid);

struct LstmOptions {
  int64_t in = 0;
  int64_t hidden = 0;
  bool bias = true;
};

/// An LSTM cell of vectors. Keys weight_ih [4 hidden, in], weight_hh [4 hidden, hidden], bias_ih, bias_hh [4 hidden], gates in
/// the order input, forget, candidate, output; all start uniform in ±1/sqrt(hidden). As PyTorch's LSTMCell has it.
class LstmCell : public Module {
 public:
  LstmCell(Module& parent, std::string name, LstmOptions options);
  /// [B, in] -> the state after it.
  LstmState operator()(const at::Tensor& x, const LstmState& before) const;

 private:
  LstmOptions options_;
  Parameter weight_ih_, weight_hh_;
  std::optional<Parameter> bias_ih_, bias_hh_;
};

/// The gates of a convolutional LSTM, in the order in which its convolution gives them.
enum class GateOrder {
  InputForgetCandidateOutput,
  InputCandidateForgetOutput,  ///< MCNet
  InputForgetOutputCandidate
};

struct ConvLstmOptions {
  int64_t in = 0;
  int64_t hidden = 0;
  PerAxis kernel = 3;  ///< odd; the map keeps its size
  bool bias = true;
  GateOrder order = GateOrder::InputForgetCandidateOutput;
  double forget_bias = 0;  ///< is added to the forget gate; 1 in MCNet
  GateActivation activation = GateActivation::Sigmoid;
  Init weight_init = Init::fan_in();   ///< PyTorch's default
  std::optional<Init> bias_init = {};  ///< if absent: uniform in ±1/sqrt(fan in), PyTorch's default
};

/// An LSTM cell of maps, whose gates are one convolution of the input and the hidden state, joined in this order. Keys
/// conv.weight [4 hidden, in + hidden, k, k], conv.bias [4 hidden].
///
/// A network that computes its gates in another way uses lstm_step: PredNet has a convolution for each gate.
/// Source: Shi et al. 2015, "Convolutional LSTM Network", without peepholes.
class ConvLstmCell : public Module {
 public:
  ConvLstmCell(Module& parent, std::string name, ConvLstmOptions options);
  /// [B, in, H, W] -> the state after it.
  LstmState operator()(const at::Tensor& x, const LstmState& before) const;

 private:
  ConvLstmOptions options_;
  Conv2d conv_;
};

}  // namespace weft::nn
