#include "framework/weights/npy.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"
#include "framework/weights/pickle.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>

namespace weft::weights {
namespace {

using namespace std::string_view_literals;

using Kind = Pickle::Kind;
using Ref = Pickle::Ref;

constexpr std::string_view kMark = "\x93NUMPY";
constexpr uint64_t kLongestHeader = 1 << 16;

struct TypeName {
  std::string_view name;
  at::ScalarType type;
};
constexpr std::array<TypeName, 9> kTypes = {{{"f8", at::kDouble},
                                             {"f4", at::kFloat},
                                             {"f2", at::kHalf},
                                             {"i8", at::kLong},
                                             {"i4", at::kInt},
                                             {"i2", at::kShort},
                                             {"i1", at::kChar},
                                             {"u1", at::kByte},
                                             {"b1", at::kBool}}};

/// An error about a sound file that holds something else.
Error no_dict(const MappedFile& file, const std::string& what) {
  return Error(Exit::Data, Place{file.path}, what)
      .hint("of .npy files weft reads those of one dict of arrays: numpy.save(file, {\"name\": array})");
}

/// The bytes behind the header, which must announce one object.
std::string_view pickled(const MappedFile& file) {
  ByteReader reader(file.path, file.view(), "the file");
  reader.take(kMark.size());
  const uint64_t version = reader.little(1);
  reader.take(1);
  const uint64_t length = reader.little(version == 1 ? 2 : 4);
  if (version < 1 || version > 3 || length > kLongestHeader) throw damaged(file.path, "its header is not NumPy's");
  const std::string_view header = reader.take(length);
  const bool is_object = header.find("'|O'"sv) != std::string_view::npos;
  const bool is_one = header.find("'shape': ()"sv) != std::string_view::npos;
  if (!is_object || !is_one) throw no_dict(file, "is an array of NumPy without names");
  return reader.rest();
}

/// Makes tensors of the arrays of a pickle.
class Arrays {
 public:
  Arrays(const MappedFile& file, const Pickle& pickle) : file_(file), pickle_(pickle), tensors_(pickle.arrays.size()) {}

  /// The entries of the dict that is the one object of the one array.
  WeightFile named() {
    const Pickle::Item& top = pickle_.top();
    const Pickle::Array* const outer = top.kind == Kind::Array ? &pickle_.arrays[place(top)] : nullptr;
    const bool has_dict = outer && outer->objects.size() == 1 && item(outer->objects[0]).kind == Kind::Dict;
    if (!has_dict) throw no_dict(file_, "holds something other than a dict of arrays");
    const std::vector<Ref>& parts = item(outer->objects[0]).parts;
    WeightFile weights;
    for (size_t i = 0; i < parts.size(); i += 2) {
      const std::string name = name_of(item(parts[i]));
      if (item(parts[i + 1]).kind == Kind::Skipped) continue;
      if (item(parts[i + 1]).kind != Kind::Array) {
        throw no_dict(file_, text("holds \"", shown_name(name), "\", which is no array"));
      }
      if (!names_.insert(name).second) throw damaged(file_.path, text("has \"", shown_name(name), "\" twice"));
      weights.tensors.emplace_back(name, tensor(name, place(item(parts[i + 1]))));
    }
    if (weights.tensors.empty()) throw no_dict(file_, "holds no arrays");
    return weights;
  }

 private:
  const Pickle::Item& item(Ref ref) const { return pickle_.items[ref]; }
  static size_t place(const Pickle::Item& array) { return static_cast<size_t>(array.number); }

  std::string name_of(const Pickle::Item& key) const {
    constexpr size_t kLongestName = 1024;
    if (key.kind == Kind::Integer) return std::to_string(key.number);
    const bool is_plain =
        std::none_of(key.text.begin(), key.text.end(), [](unsigned char c) { return c < ' ' || c == 127; });
    if (key.kind == Kind::Text && is_plain && key.text.size() <= kLongestName) return std::string(key.text);
    throw no_dict(file_, "has a key that is neither a text nor an integer");
  }

  /// The numbers of an array; many names may have the same one.
  at::Tensor tensor(const std::string& name, size_t place) {
    if (!tensors_[place].defined()) tensors_[place] = made(name, pickle_.arrays[place]);
    return tensors_[place];
  }

  at::Tensor made(const std::string& name, const Pickle::Array& array) const {
    if (!array.is_complete) throw damaged(file_.path, text('"', shown_name(name), "\" has no content"));
    const at::ScalarType type = type_of(name, item(array.type));
    std::vector<int64_t> sizes = array.sizes;
    if (!array.objects.empty() || bytes_of(sizes, c10::elementSize(type)) != array.bytes.size()) {
      throw damaged(file_.path, text('"', shown_name(name), "\" has another number of bytes than its sizes say"));
    }
    if (array.is_fortran) std::reverse(sizes.begin(), sizes.end());
    at::Tensor tensor = at::empty(sizes, type);
    if (type == at::kBool) check_bools(name, array.bytes);
    if (!array.bytes.empty()) std::memcpy(tensor.data_ptr(), array.bytes.data(), array.bytes.size());
    return array.is_fortran ? reversed(tensor) : tensor;
  }

  /// The bytes of numbers in these sizes; nothing where no tensor has them. Sizes beside a 0 must be possible, too.
  static std::optional<size_t> bytes_of(const std::vector<int64_t>& sizes, size_t of_number) {
    auto bytes = static_cast<int64_t>(of_number);
    bool is_empty = false;
    for (const int64_t size : sizes) {
      is_empty |= size == 0;
      if (size < 0 || __builtin_mul_overflow(bytes, std::max<int64_t>(size, 1), &bytes)) return {};
    }
    return is_empty ? 0 : static_cast<size_t>(bytes);
  }

  at::ScalarType type_of(const std::string& name, const Pickle::Item& type) const {
    for (const TypeName& known : kTypes) {
      if (known.name == type.text && (type.number == 0 || c10::elementSize(known.type) == 1)) return known.type;
    }
    throw no_dict(file_, text('"', shown_name(name), "\" has numbers of the type ", type.number == 0 ? "" : ">",
                              shown_name(type.text), ", which is not read"));
  }

  void check_bools(const std::string& name, std::string_view bytes) const {
    const bool are_bools = std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0 || byte == 1; });
    if (!are_bools) throw damaged(file_.path, text('"', shown_name(name), "\" has booleans other than 0 and 1"));
  }

  static at::Tensor reversed(const at::Tensor& tensor) {
    std::vector<int64_t> order;
    for (int64_t axis = tensor.dim(); axis-- > 0;) order.push_back(axis);
    return tensor.permute(order).contiguous();
  }

  const MappedFile& file_;
  const Pickle& pickle_;
  std::vector<at::Tensor> tensors_;  ///< by place
  std::set<std::string> names_;
};

}  // namespace

bool is_npy(std::string_view bytes) {
  return bytes.starts_with(kMark);
}

WeightFile read_npy(const MappedFile& file, const SkippedNames& skipped) {
  const std::string_view bytes = pickled(file);
  const Pickle pickle = read_pickle(file.path, bytes, skipped, Pickle::Writer::NumPy);
  if (pickle.length != bytes.size()) throw damaged(file.path, "something follows the end of its pickle");
  return Arrays(file, pickle).named();
}

}  // namespace weft::weights
