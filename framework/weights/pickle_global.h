#pragma once

#include "framework/base/error.h"
#include "framework/weights/pickle.h"
#include "framework/weights/weight_file.h"

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weft::weights {

/// What a name of Python in a pickle of weights means.
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
    ArrayClass,        ///< numpy.ndarray; nothing calls it
    RebuildArray,      ///< an array, whose content follows
    ArrayType,         ///< numpy.dtype
    Encode,            ///< bytes from text, as Python 3 writes them for Python 2
    Bytes,             ///< no bytes, likewise
    Skipped,           ///< a value that is left out: what it would be is not needed
  };

  Role role;
  at::ScalarType type = at::kFloat;  ///< of a storage
};

/// The names that a pickle contains, by number.
///
/// Weights need few of them. Others are skipped where the caller wants that; else they are foreign, and noted, so that one
/// message has all of them.
class PickleGlobals {
 public:
  /// @param path  the file, for messages
  /// @param writer  whose names are known
  /// @param skipped  names whose values are left out
  PickleGlobals(std::string path, Pickle::Writer writer, const SkippedNames& skipped)
      : path_(std::move(path)), writer_(writer), skipped_(skipped) {}

  /// @returns the number of `module.name`, which at() takes
  int64_t find(std::string_view module, std::string_view name);
  const PickleGlobal& at(int64_t number) const { return found_.at(static_cast<size_t>(number)); }

  bool has_foreign() const { return !foreign_.empty(); }
  /// The error about the foreign names.
  Error refusal() const;

 private:
  void note_foreign(const std::string& name);

  std::string path_;
  Pickle::Writer writer_;
  const SkippedNames& skipped_;
  std::vector<PickleGlobal> found_;
  std::vector<std::string> foreign_;
};

/// The error about something in a pickle that weights do not need.
Error no_part_of_weights(const std::string& path, const std::string& what);

}  // namespace weft::weights
