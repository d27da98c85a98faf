#pragma once

#include "framework/nn/module.h"
#include "tests/conformance/cases.h"

#include <ATen/TensorOperators.h>

namespace weft::conformance {

/// The parameters of the fixture's only network, by its rule.
inline void fill(nn::Module& module, const Fixture& fixture) {
  const Tensors params = fixture.params();
  for (const auto& [key, parameter] : module.tensors()) {
    const auto found = params.find(key);
    if (found != params.end()) parameter->set(found->second);
  }
}

/// Rounding of float sums over thousands of terms and a hundred layers: the bound that the README of the files names.
inline Tolerance tolerance_by_size(const Fixture& fixture, const std::string& output) {
  const at::Tensor& stored = fixture.stored(output);
  const double largest = stored.numel() == 0 ? 0 : stored.abs().max().item<double>();
  return {Tolerance::Measure::Largest, 1e-4 * largest + 1e-5};
}

}  // namespace weft::conformance
