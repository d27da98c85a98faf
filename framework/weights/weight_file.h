#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weft::weights {

/// Named tensors, such as those of a network: what lies in a weight file.
struct WeightFile {
  std::vector<std::pair<std::string, at::Tensor>> tensors;  ///< in the file's order; no name twice
  std::map<std::string, std::string> metadata;              ///< texts beside them; safetensors only

  /// The tensors whose names begin with `prefix` and a dot, without these; the metadata stays. Checkpoints
  /// keep their network in such a part: "state_dict", "module", "model".
  /// @throws Error  when there are none
  WeightFile below(std::string_view prefix) const;
};

/// Reads a weight file: safetensors, or a .pth in either of PyTorch's formats; the content decides which.
///
/// Of a .pth only tensors are taken, with the names on the way to them joined by dots ("state.0.exp_avg");
/// numbers, texts and the like are passed over, and nothing in it is ever run. Tensors lie in the mapped file
/// where they can: writing to one changes this process's copy only. All are on the CPU.
/// @throws Error  when the file is missing or empty, no weight file, damaged, or holds anything but data
WeightFile read_weights(const std::string& path);

}  // namespace weft::weights
