#pragma once

#include "tests/conformance/fixture.h"

namespace weft::conformance {

/// Outputs as the file stores them: config's `stride` says of which only every n-th number, flat.
inline Tensors strided(const Fixture& fixture, Tensors outputs) {
  const nlohmann::json strides = fixture.config().value("stride", nlohmann::json::object());
  for (auto& [name, output] : outputs) {
    if (strides.contains(name) && output.defined())
      output = output.flatten().slice(0, 0, std::nullopt, strides[name].get<int64_t>());
  }
  return outputs;
}

}  // namespace weft::conformance
