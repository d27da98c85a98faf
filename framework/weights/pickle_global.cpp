#include "framework/weights/pickle_global.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weft::weights {
namespace {

using Role = PickleGlobal::Role;

struct Row {
  std::string_view module;
  std::string_view name;
  Role role;
};
constexpr std::array<Row, 8> kRows = {{{"collections", "OrderedDict", Role::OrderedDict},
                                       {"__builtin__", "set", Role::Set},
                                       {"builtins", "set", Role::Set},
                                       {"torch", "Size", Role::Size},
                                       {"torch", "device", Role::Device},
                                       {"torch._utils", "_rebuild_tensor", Role::RebuildTensor},
                                       {"torch._utils", "_rebuild_tensor_v2", Role::RebuildTensorV2},
                                       {"torch._utils", "_rebuild_parameter", Role::RebuildParameter}}};

/// Options, numbers of NumPy, paths and times, which training programs keep beside their weights.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kSkipped = {{
    {"argparse", "Namespace"},
    {"types", "SimpleNamespace"},
    {"numpy", "dtype"},
    {"numpy", "ndarray"},
    {"numpy.core.multiarray", "scalar"},
    {"numpy.core.multiarray", "_reconstruct"},
    {"numpy._core.multiarray", "scalar"},
    {"numpy._core.multiarray", "_reconstruct"},
    {"_codecs", "encode"},
    {"pathlib", "PosixPath"},
    {"pathlib", "PurePosixPath"},
    {"pathlib", "WindowsPath"},
    {"pathlib", "PureWindowsPath"},
    {"pathlib._local", "PosixPath"},
    {"datetime", "datetime"},
    {"datetime", "date"},
    {"datetime", "timedelta"},
    {"copyreg", "_reconstructor"},
    {"copy_reg", "_reconstructor"},
    {"builtins", "object"},
    {"__builtin__", "object"},
    {"torch.torch_version", "TorchVersion"},
}};

struct StorageName {
  std::string_view name;
  at::ScalarType type;
};
constexpr std::array<StorageName, 10> kStorages = {{{"FloatStorage", at::kFloat},
                                                    {"DoubleStorage", at::kDouble},
                                                    {"HalfStorage", at::kHalf},
                                                    {"BFloat16Storage", at::kBFloat16},
                                                    {"LongStorage", at::kLong},
                                                    {"IntStorage", at::kInt},
                                                    {"ShortStorage", at::kShort},
                                                    {"CharStorage", at::kChar},
                                                    {"ByteStorage", at::kByte},
                                                    {"BoolStorage", at::kBool}}};

constexpr std::array<std::string_view, 15> kNumericTypes = {"float64", "double",   "float32", "float", "float16",
                                                            "half",    "bfloat16", "int64",   "long",  "int32",
                                                            "int",     "int16",    "int8",    "uint8", "bool"};

}  // namespace

std::optional<PickleGlobal> find_pickle_global(std::string_view module, std::string_view name) {
  for (const Row& row : kRows) {
    if (row.module == module && row.name == name) return PickleGlobal{row.role};
  }
  if (std::find(kSkipped.begin(), kSkipped.end(), std::pair(module, name)) != kSkipped.end()) {
    return PickleGlobal{Role::Skipped};
  }
  if (module != "torch" && module != "torch.cuda") return {};
  for (const StorageName& storage : kStorages) {
    if (storage.name == name) return PickleGlobal{Role::Storage, storage.type};
  }
  const bool is_type = std::find(kNumericTypes.begin(), kNumericTypes.end(), name) != kNumericTypes.end();
  return module == "torch" && is_type ? std::optional(PickleGlobal{Role::NumericType}) : std::nullopt;
}

}  // namespace weft::weights
