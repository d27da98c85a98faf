#pragma once

#include "framework/weights/pth.h"
#include "tests/weights/temporary_files.h"
#include "tests/weights/weight_bytes.h"

#include <ATen/TensorOperators.h>

#include <string>
#include <vector>

namespace weft::weights {

inline const std::string kDamaged = "is damaged or was cut off: ";
inline const std::string kNotRun = ", which is no part of weights: refused, and nothing in the file was run";

/// Files as PyTorch writes them.
class Pth : public TemporaryFiles {
 protected:
  /// Files that Python wrote.
  static std::string kept(const std::string& name) {
    return read(std::string(WEFT_SOURCE_DIR) + "/tests/conformance/weight-files/" + name);
  }

  /// The message about a file of either format whose object is this; both must say the same.
  std::string object_fault(const std::string& instructions) const {
    const std::string of_legacy = fault(bytes::legacy({.object = bytes::pickle::pickle(instructions)}));
    EXPECT_EQ(fault(bytes::zip_pth(bytes::pickle::pickle(instructions), {{"0", {1, 2, 3, 4}}})), of_legacy);
    return of_legacy;
  }

  std::vector<std::string> names(const std::string& bytes) const {
    std::vector<std::string> names;
    for (const auto& [name, tensor] : read_weights(write("weights", bytes)).tensors) names.push_back(name);
    return names;
  }
};

}  // namespace weft::weights
