#pragma once

#include "framework/graph/run_settings.h"
#include "framework/node/archive.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace weft::train {

/// Changes parameters by their gradients, and remembers for each what it needs for the next time, by the parameter's name.
///
/// Source: Kingma and Ba 2015, "Adam"; Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization"; SGD with
/// momentum as PyTorch has it. Weight decay of adam and sgd is added to the gradient, of adamw taken off the parameter.
class Optimiser {
 public:
  /// @param settings  of [update.NAME]: use, betas, eps, weight_decay, momentum
  Optimiser(const graph::UpdateSettings& settings, std::vector<std::string> names);

  /// One step. Parameters whose gradient is undefined stay as they are, and so does what is remembered of them.
  /// @param parameters  in the order of the names; the first step makes what is remembered, on their device
  void step(const std::vector<at::Tensor>& parameters, const std::vector<at::Tensor>& gradients, double rate);

  /// Puts what is remembered among named tensors: `prefix/first/NAME`, `prefix/second/NAME`, `prefix/steps/NAME`; of all
  /// parameters, so that a reader sees when one is missing: those that have made no step yet have zeros.
  void save(const std::string& prefix, const std::vector<at::Tensor>& parameters, Archive::Entries& entries) const;
  /// Takes what is there for these names and fits the parameters; missing entries start from zero.
  void load(const std::string& prefix, const Archive::Entries& entries, const std::vector<at::Tensor>& parameters);

 private:
  using Rule = graph::OptimiserRule;
  struct Memory {
    at::Tensor first;   ///< mean of the gradient; of sgd its momentum
    at::Tensor second;  ///< mean of its square
    at::Tensor steps;   ///< steps of this parameter so far
  };

  void step_adam(const std::vector<size_t>& moved, const std::vector<at::Tensor>& parameters,
                 const std::vector<at::Tensor>& gradients, double rate);
  void step_sgd(size_t index, const at::Tensor& parameter, at::Tensor gradient, double rate);
  void begin(Memory& memory, const at::Tensor& parameter) const;

  Rule rule_;
  double beta1_, beta2_, epsilon_, weight_decay_, momentum_;
  std::vector<std::string> names_;
  std::vector<Memory> memories_;
};

}  // namespace weft::train
