#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string_view>

namespace weft::weights {

/// The few names of Python that pickles of weights contain.
struct PickleGlobal {
  enum class Role {
    OrderedDict,
    Set,
    Size,              ///< torch.Size
    Device,            ///< torch.device
    NumericType,       ///< torch.float32 and the like; nothing calls it
    Storage,           ///< torch.FloatStorage and the like; nothing calls it
    RebuildTensor,     ///< with 4 arguments, as PyTorch 0.1 to 0.3 wrote it
    RebuildTensorV2,   ///< with 6 or 7
    RebuildParameter,  ///< a tensor with a flag
    Skipped,           ///< a value that is no tensor, such as argparse.Namespace: what it would be is not needed
  };

  Role role;
  at::ScalarType type = at::kFloat;  ///< of a storage
};

/// The meaning of `module.name`; nothing when the name is to be refused.
std::optional<PickleGlobal> find_pickle_global(std::string_view module, std::string_view name);

}  // namespace weft::weights
