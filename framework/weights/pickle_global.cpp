#include "framework/weights/pickle_global.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"

#include <algorithm>
#include <array>
#include <span>

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

constexpr std::array<Row, 8> kRowsOfNumPy = {{{"collections", "OrderedDict", Role::OrderedDict},
                                              {"numpy", "ndarray", Role::ArrayClass},
                                              {"numpy", "dtype", Role::ArrayType},
                                              {"numpy.core.multiarray", "_reconstruct", Role::RebuildArray},
                                              {"numpy._core.multiarray", "_reconstruct", Role::RebuildArray},
                                              {"_codecs", "encode", Role::Encode},
                                              {"__builtin__", "bytes", Role::Bytes},
                                              {"builtins", "bytes", Role::Bytes}}};

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

constexpr size_t kMostNamed = 8;  // foreign names in a message

std::optional<PickleGlobal> find_row(std::span<const Row> rows, std::string_view module, std::string_view name) {
  for (const Row& row : rows) {
    if (row.module == module && row.name == name) return PickleGlobal{row.role};
  }
  return {};
}

/// The meaning of `module.name`; nothing when weights do not need it.
std::optional<PickleGlobal> meaning_of(Pickle::Writer writer, std::string_view module, std::string_view name) {
  if (writer == Pickle::Writer::NumPy) return find_row(kRowsOfNumPy, module, name);
  if (const auto found = find_row(kRows, module, name)) return found;
  if (module != "torch" && module != "torch.cuda") return {};
  for (const StorageName& storage : kStorages) {
    if (storage.name == name) return PickleGlobal{Role::Storage, storage.type};
  }
  const bool is_type = std::find(kNumericTypes.begin(), kNumericTypes.end(), name) != kNumericTypes.end();
  return module == "torch" && is_type ? std::optional(PickleGlobal{Role::NumericType}) : std::nullopt;
}

}  // namespace

int64_t PickleGlobals::find(std::string_view module, std::string_view name) {
  std::optional<PickleGlobal> meaning = meaning_of(writer_, module, name);
  if (!meaning) {
    const std::string whole = text(module, '.', name);
    const bool is_skipped = std::any_of(skipped_.begin(), skipped_.end(),
                                        [&](const std::string& pattern) { return matches(whole, pattern); });
    if (!is_skipped) note_foreign(shown_name(whole));
    meaning = PickleGlobal{Role::Skipped};
  }
  found_.push_back(*meaning);
  return static_cast<int64_t>(found_.size() - 1);
}

void PickleGlobals::note_foreign(const std::string& name) {
  const bool is_new = std::find(foreign_.begin(), foreign_.end(), name) == foreign_.end();
  if (is_new && foreign_.size() < kMostNamed) foreign_.push_back(name);
}

Error PickleGlobals::refusal() const {
  std::string options;
  for (const std::string& name : foreign_) options += text(" --skip ", name);
  return no_part_of_weights(path_, text("names `", foreign_.front(), "` in its pickle"))
      .hint(text("or keep the tensors beside such values, which runs nothing either: weft weights convert ", path_,
                 " weights.safetensors", options));
}

Error no_part_of_weights(const std::string& path, const std::string& what) {
  return Error(Exit::Data, Place{path},
               text(what, ", which is no part of weights: refused, and nothing in the file was run"))
      .hint("in Python, save the tensors alone: torch.save(model.state_dict(), \"weights.pth\")");
}

}  // namespace weft::weights
