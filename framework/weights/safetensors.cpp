#include "framework/weights/safetensors.h"

#include "framework/base/text.h"
#include "framework/weights/atomic_file.h"
#include "framework/weights/byte_reader.h"
#include "framework/weights/json_text.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <tuple>

namespace weft::weights {
namespace {

using nlohmann::json;

constexpr size_t kPrefix = 8;                    // bytes of the header's length
constexpr uint64_t kLongestHeader = 32U << 20U;  // 32 MiB: 200,000 tensors; bounds what a hostile header costs
constexpr size_t kHighestRank = 16;
constexpr size_t kDeepestNesting = 3;  // {"name": {"shape": [1]}}: an array within an object within an object
constexpr const char* kMetadata = "__metadata__";

struct TypeName {
  std::string_view name;
  at::ScalarType type;
};
constexpr std::array<TypeName, 17> kTypes = {{{"F64", at::kDouble},
                                              {"F32", at::kFloat},
                                              {"F16", at::kHalf},
                                              {"BF16", at::kBFloat16},
                                              {"I64", at::kLong},
                                              {"I32", at::kInt},
                                              {"I16", at::kShort},
                                              {"I8", at::kChar},
                                              {"U8", at::kByte},
                                              {"BOOL", at::kBool},
                                              {"F8_E4M3", at::kFloat8_e4m3fn},
                                              {"F8_E5M2", at::kFloat8_e5m2},
                                              {"F8_E8M0", at::kFloat8_e8m0fnu},
                                              {"U16", at::kUInt16},
                                              {"U32", at::kUInt32},
                                              {"U64", at::kUInt64},
                                              {"C64", at::kComplexFloat}}};

std::optional<at::ScalarType> type_of(std::string_view name) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& row) { return row.name == name; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->type);
}

std::optional<std::string_view> name_of(at::ScalarType type) {
  const auto found = std::find_if(kTypes.begin(), kTypes.end(), [&](const TypeName& row) { return row.type == type; });
  return found == kTypes.end() ? std::nullopt : std::optional(found->name);
}

/// Where the header says that a tensor lies: bytes [begin, end) after the header.
struct Row {
  std::string name;
  at::ScalarType type;
  std::vector<int64_t> shape;
  uint64_t begin;
  uint64_t end;
};

/// The header's text.
std::string_view header_of(const MappedFile& file) {
  ByteReader reader(file.path, file.view(), "the file");
  const uint64_t length = reader.little(kPrefix);
  if (length > reader.rest().size()) {
    throw damaged(file.path, text("its header claims ", length, " bytes, but only ", reader.rest().size(), " follow"));
  }
  if (length > kLongestHeader) {
    throw Error(Exit::Data, Place{file.path},
                text("has a header of ", length, " bytes; ", kLongestHeader, " is the most that is read"));
  }
  return reader.take(length);
}

json parse_header(const std::string& path, std::string_view header) {
  try {
    return parse_json("its header", header, kDeepestNesting);
  } catch (const Error& error) {
    throw damaged(path, error.message());
  }
}

/// `value` as a list of numbers from 0 to the largest int64, or nothing when it is anything else.
std::optional<std::vector<int64_t>> sizes_of(const json& value) {
  if (!value.is_array()) return {};
  std::vector<int64_t> sizes;
  for (const json& size : value) {
    if (!size.is_number_unsigned() || size.get<uint64_t>() > INT64_MAX) return {};
    sizes.push_back(size.get<int64_t>());
  }
  return sizes;
}

/// The bytes of a tensor, or nothing when they or its strides are more than an int64 counts.
std::optional<uint64_t> bytes_of(const std::vector<int64_t>& shape, at::ScalarType type) {
  int64_t bytes = static_cast<int64_t>(c10::elementSize(type));
  for (const int64_t size : shape) {
    if (__builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) return {};
  }
  const bool is_empty = std::find(shape.begin(), shape.end(), 0) != shape.end();
  return is_empty ? 0 : static_cast<uint64_t>(bytes);
}

Row row_of(const std::string& path, const std::string& name, const json& value) {
  const auto fail = [&](const std::string& what) {
    return damaged(path, text("its header says of \"", shown_name(name), "\" ", what));
  };
  if (!value.is_object()) throw fail("something that is no object");
  const json dtype = value.value("dtype", json()), shape = value.value("shape", json());
  if (!dtype.is_string()) throw fail("no dtype");
  const auto type = type_of(dtype.get<std::string>());
  if (!type) {
    throw Error(Exit::Data, Place{path},
                text("\"", shown_name(name), "\" has the dtype ", shown_name(dtype.get<std::string>()),
                     ", which weft does not read"));
  }
  const auto sizes = sizes_of(shape), offsets = sizes_of(value.value("data_offsets", json()));
  if (!sizes || sizes->size() > kHighestRank) {
    throw fail(text("no shape of at most ", kHighestRank, " sizes"));
  }
  if (!offsets || offsets->size() != 2) throw fail("no data_offsets of two numbers");
  const uint64_t begin = static_cast<uint64_t>(offsets->at(0)), end = static_cast<uint64_t>(offsets->at(1));
  if (begin > end || bytes_of(*sizes, *type) != end - begin) {
    throw fail(text("that ", dtype.get<std::string>(), ' ', shape.dump(), " is bytes ", begin, " to ", end));
  }
  return {name, *type, *sizes, begin, end};
}

std::map<std::string, std::string> metadata_of(const std::string& path, const json& value) {
  const bool is_texts =
      value.is_object() && std::all_of(value.begin(), value.end(), [](const json& entry) { return entry.is_string(); });
  if (!is_texts) throw damaged(path, text(kMetadata, " in its header is no object of texts"));
  return value.get<std::map<std::string, std::string>>();
}

/// Sorts the rows by their bytes, which must cover those after the header once each.
void check_cover(const std::string& path, std::vector<Row>& rows, uint64_t bytes) {
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t covered = 0;
  for (const Row& row : rows) {
    if (row.begin != covered) {
      throw damaged(
          path, text("\"", shown_name(row.name), "\" begins at byte ", row.begin, " of the data, ",
                     row.begin < covered ? "inside the tensor that ends at byte " : "after a gap from byte ", covered));
    }
    covered = row.end;
  }
  if (covered != bytes) {
    throw damaged(path, text("its tensors are ", covered, " bytes, but ", bytes, " follow the header"));
  }
}

/// The header of a file with these tensors, filled up with blanks to a multiple of 8 bytes.
std::string compose_header(const WeightFile& weights) {
  std::string header = "{";
  const auto add = [&](const std::string& name, const std::string& value) {
    header += text(header.size() > 1 ? "," : "", json(name).dump(), ':', value);
  };
  if (!weights.metadata.empty()) add(kMetadata, json(weights.metadata).dump());
  size_t begin = 0;
  for (const auto& [name, tensor] : weights.tensors) {
    const size_t end = begin + static_cast<size_t>(tensor.numel()) * tensor.element_size();
    add(name, text("{\"dtype\":\"", *name_of(tensor.scalar_type()), "\",\"shape\":", json(tensor.sizes().vec()).dump(),
                   ",\"data_offsets\":[", begin, ',', end, "]}"));
    begin = end;
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

void check_writable(const std::string& path, const WeightFile& weights) {
  std::set<std::string_view> names;
  for (const auto& [name, tensor] : weights.tensors) {
    const auto fail = [&, &name = name](const std::string& what) {
      return Error(Exit::Failed, Place{path}, text("\"", shown_name(name), "\" cannot be written: ", what));
    };
    if (!names.insert(name).second) throw fail("there are two tensors of this name");
    if (name == kMetadata) throw fail("the format keeps this name for itself");
    if (!tensor.defined()) throw fail("it has no values");
    if (!name_of(tensor.scalar_type())) {
      throw fail(text("safetensors has no name for the type ", c10::toString(tensor.scalar_type())));
    }
  }
}

}  // namespace

WeightFile read_safetensors(const MappedFile& file) {
  const std::string_view header = header_of(file);
  const json parsed = parse_header(file.path, header);
  if (!parsed.is_object()) throw damaged(file.path, "its header is no object");
  WeightFile weights;
  std::vector<Row> rows;
  for (const auto& [name, value] : parsed.items()) {
    if (name == kMetadata) {
      weights.metadata = metadata_of(file.path, value);
    } else {
      rows.push_back(row_of(file.path, name, value));
    }
  }
  const size_t begin = kPrefix + header.size();
  check_cover(file.path, rows, file.view().size() - begin);
  for (const Row& row : rows) {
    const auto count = static_cast<int64_t>((row.end - row.begin) / c10::elementSize(row.type));
    weights.tensors.emplace_back(row.name, file.numbers(begin + row.begin, count, row.type).resize_(row.shape));
  }
  return weights;
}

void write_safetensors(const std::string& path, const WeightFile& weights) {
  check_writable(path, weights);
  WeightFile sorted = weights;
  std::stable_sort(sorted.tensors.begin(), sorted.tensors.end(),
                   [](const auto& a, const auto& b) { return a.second.element_size() > b.second.element_size(); });
  std::string header;
  try {
    header = compose_header(sorted);
  } catch (const json::exception&) {
    throw Error(Exit::Failed, Place{path}, "cannot be written: a name or text in it is not UTF-8");
  }
  std::array<unsigned char, kPrefix> length{};
  for (size_t i = 0; i < kPrefix; ++i) length[i] = static_cast<unsigned char>(header.size() >> (8 * i));
  AtomicFile file(path);
  file.write(length.data(), length.size());
  file.write(header.data(), header.size());
  for (const auto& [name, tensor] : sorted.tensors) {
    const at::Tensor plain = tensor.to(at::kCPU).contiguous();  // one at a time: the whole network may not fit twice
    file.write(plain.const_data_ptr(), plain.nbytes());
  }
  file.commit();
}

}  // namespace weft::weights
