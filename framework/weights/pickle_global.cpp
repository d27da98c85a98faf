#include "framework/weights/pickle_global.h"

#include <algorithm>
#include <array>

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
  if (module != "torch" && module != "torch.cuda") return {};
  for (const StorageName& storage : kStorages) {
    if (storage.name == name) return PickleGlobal{Role::Storage, storage.type};
  }
  const bool is_type = std::find(kNumericTypes.begin(), kNumericTypes.end(), name) != kNumericTypes.end();
  return module == "torch" && is_type ? std::optional(PickleGlobal{Role::NumericType}) : std::nullopt;
}

}  // namespace weft::weights
