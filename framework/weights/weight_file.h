#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::weights {

/// The content of a weight file: named tensors, such as those of a network.
struct WeightFile {
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< in the file's order; no name twice
  std::map<std::string, std::string> metadata;              ///< texts beside them; safetensors only

  /// The tensors whose names begin with `prefix` and a dot, without these; the metadata stays. Checkpoints
  /// keep their network in such a part: "state_dict", "module", "model".
  /// @throws Error  when there are none
  WeightFile below(std::string_view prefix) const;
};

/// Names of Python, such as "argparse.Namespace"; `*` stands for any characters.
using SkippedNames = std::vector<std::string>;

/// Reads a weight file: safetensors, the index of several (model.safetensors.index.json), a .pth in either of
/// PyTorch's formats, or a .npy with a dict of arrays; the content decides which.
///
/// Of a .pth only the tensors are read, with the keys that lead to them joined by dots ("state.0.exp_avg"). Numbers,
/// texts and other values are skipped, and no code in the file is ever run. Tensors are views of the mapped file if they
/// are aligned: writing to one changes this process's copy only. All are on the CPU.
/// @param skipped  classes and functions whose values in a .pth are left out, instead of refused: options, numbers of NumPy
/// @throws Error  when the file is missing or empty, no weight file, damaged, or contains anything but data
WeightFile read_weights(const std::string& path, const SkippedNames& skipped = {});

}  // namespace weft::weights
