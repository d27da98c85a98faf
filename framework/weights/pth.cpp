#include "framework/weights/pth.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"
#include "framework/weights/pickle.h"
#include "framework/weights/pickle_names.h"
#include "framework/weights/zip.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace weft::weights {
namespace {

using Kind = Pickle::Kind;

// The number 0x1950a86a20f9469cfc6c as a pickle of protocol 2.
constexpr std::string_view kLegacyMark{"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15};
constexpr int64_t kLegacyVersion = 1001;
constexpr std::string_view kObject = "/data.pkl";

/// The bytes of a storage; the largest possible number when they are more than a size_t counts.
size_t bytes_of(const Pickle::Storage& storage) {
  size_t bytes = 0;
  const bool is_too_large =
      __builtin_mul_overflow(static_cast<size_t>(storage.count), c10::elementSize(storage.type), &bytes);
  return is_too_large ? SIZE_MAX : bytes;
}

using Names = std::vector<std::pair<std::string, size_t>>;

/// The named tensors of a pickle whose storages begin at `begins` in the file; the storages lie within it.
WeightFile assemble(const MappedFile& file, const Pickle& pickle, const Names& names,
                    const std::vector<size_t>& begins) {
  WeightFile weights;
  std::vector<at::Tensor> storages(pickle.storages.size());
  for (const auto& [name, place] : names) {
    const Pickle::Tensor& view = pickle.tensors[place];
    const Pickle::Storage& storage = pickle.storages[view.storage];
    at::Tensor& numbers = storages[view.storage];
    if (!numbers.defined()) numbers = file.numbers(begins[view.storage], storage.count, storage.type);
    at::Tensor tensor = at::empty({0}, numbers.options());
    tensor.set_(numbers.storage(), view.offset, view.sizes, view.strides);
    // Strides of 0 repeat numbers; more of them than the file could hold are a trap for whoever copies them.
    if (static_cast<size_t>(tensor.numel()) > file.view().size() / tensor.element_size()) {
      throw damaged(file.path, text("\"", shown_name(name), "\" is larger than the whole file"));
    }
    weights.tensors.emplace_back(name, std::move(tensor));
  }
  return weights;
}

/// One pickle after the other.
class LegacyReader {
 public:
  explicit LegacyReader(const MappedFile& file) : reader_(file.path, file.view(), "the file") {
    reader_.take(kLegacyMark.size());
  }

  Pickle pickle(const SkippedNames& skipped = {}) {
    Pickle pickle = read_pickle(reader_.path(), reader_.rest(), skipped);
    reader_.take(pickle.length);
    return pickle;
  }

  /// Passes over a storage's count and numbers.
  /// @returns where the numbers begin
  size_t storage(const Pickle::Storage& expected) {
    if (reader_.little(8) != static_cast<uint64_t>(expected.count)) {
      throw damaged(reader_.path(), "a storage has another size than its tensors say");
    }
    const size_t begin = reader_.position();
    reader_.take(bytes_of(expected));
    return begin;
  }

  bool is_at_end() const { return reader_.rest().empty(); }

 private:
  ByteReader reader_;
};

/// The facts of the machine that wrote the file: which byte of a number comes first is the one that matters.
void check_machine(const MappedFile& file, const Pickle& facts) {
  const std::vector<Pickle::Ref>& parts = facts.top().parts;
  bool is_little = false;
  for (size_t i = 0; facts.top().kind == Kind::Dict && i < parts.size(); i += 2) {
    const Pickle::Item& key = facts.items[parts[i]];
    const Pickle::Item& value = facts.items[parts[i + 1]];
    if (key.kind == Kind::Text && key.text == "little_endian") {
      is_little = value.kind == Kind::Bool && value.number == 1;
    }
  }
  if (!is_little) {
    throw Error(Exit::Data, Place{file.path}, "was written with the high byte of numbers first, or is damaged");
  }
}

/// Where each storage's numbers begin; the storages come in the order of `keys`.
std::vector<size_t> find_storages(const MappedFile& file, LegacyReader& reader, const Pickle& object,
                                  const Pickle& keys) {
  constexpr size_t kMissing = SIZE_MAX;
  std::map<std::string_view, size_t> places;
  for (size_t i = 0; i < object.storages.size(); ++i) places.emplace(object.storages[i].key, i);
  std::vector<size_t> begins(object.storages.size(), kMissing);
  for (const Pickle::Ref ref : keys.top().parts) {
    const auto place = places.find(keys.items[ref].text);
    if (place == places.end()) throw damaged(file.path, "it lists a storage that no tensor has");
    size_t& begin = begins[place->second];
    if (begin != kMissing) throw damaged(file.path, "it lists a storage twice");
    begin = reader.storage(object.storages[place->second]);
  }
  if (std::find(begins.begin(), begins.end(), kMissing) != begins.end()) {
    throw damaged(file.path, "it does not list a storage that a tensor has");
  }
  return begins;
}

using Entries = std::map<std::string_view, ZipEntry>;

/// The folder in the archive, which torch.save calls after the file.
std::string_view folder_of(const MappedFile& file, const Entries& entries) {
  for (const auto& [name, entry] : entries) {
    if (!name.ends_with(kObject) || name.find('/') != name.size() - kObject.size()) continue;
    return name.substr(0, name.size() - kObject.size());
  }
  throw Error(Exit::Data, Place{file.path}, "is a zip archive, but not one of torch.save: it has no data.pkl")
      .hint("if the weights are a file within it, unpack it first");
}

std::string_view bytes_of(const MappedFile& file, const Entries& entries, const std::string& name) {
  const auto found = entries.find(name);
  if (found == entries.end()) {
    throw damaged(file.path, text("there is no \"", shown_name(name), "\" in the zip archive"));
  }
  if (found->second.is_encrypted) {
    throw Error(Exit::Data, Place{file.path}, text("\"", shown_name(name), "\" is encrypted with a password"))
        .hint("unpack the zip archive with its password, and pack it again with: zip -0 -r");
  }
  if (!found->second.is_stored) {
    throw Error(Exit::Data, Place{file.path},
                text("\"", shown_name(name), "\" is compressed, which torch.save never does"))
        .hint("unpack the zip archive, and pack it again with: zip -0 -r");
  }
  return file.view().substr(found->second.begin, found->second.size);
}

/// Refuses archives that hold more than an object and its storages.
void check_kind(const MappedFile& file, const Entries& entries, const std::string& folder) {
  if (entries.count(folder + "/constants.pkl") > 0) {
    throw Error(Exit::Data, Place{file.path}, "is a TorchScript program, not weights; it was not run")
        .hint("in Python: torch.save(torch.jit.load(file).state_dict(), \"weights.pth\")");
  }
  const std::string order = folder + "/byteorder";
  if (entries.count(order) > 0 && bytes_of(file, entries, order) != "little") {
    throw Error(Exit::Data, Place{file.path}, "was written with the high byte of numbers first, or is damaged");
  }
}

}  // namespace

bool is_legacy_pth(std::string_view bytes) {
  return bytes.starts_with(kLegacyMark);
}

WeightFile read_legacy_pth(const MappedFile& file, const SkippedNames& skipped) {
  LegacyReader reader(file);
  const Pickle version = reader.pickle();
  if (version.top().kind != Kind::Integer || version.top().number != kLegacyVersion) {
    throw damaged(file.path, "it has a version of the format that is not known");
  }
  check_machine(file, reader.pickle());
  const Pickle object = reader.pickle(skipped);
  const Names names = tensor_names(file.path, object);
  const Pickle keys = reader.pickle();
  if (keys.top().kind != Kind::List) throw damaged(file.path, "it has no list of storages");
  const std::vector<size_t> begins = find_storages(file, reader, object, keys);
  if (!reader.is_at_end()) throw damaged(file.path, "something follows its last storage");
  return assemble(file, object, names, begins);
}

WeightFile read_zip_pth(const MappedFile& file, const SkippedNames& skipped) {
  const Entries entries = read_zip(file);
  const std::string folder(folder_of(file, entries));
  check_kind(file, entries, folder);
  const std::string_view bytes = bytes_of(file, entries, text(folder, kObject));
  const Pickle object = read_pickle(file.path, bytes, skipped);
  if (object.length != bytes.size()) throw damaged(file.path, "something follows the end of its pickle");
  const Names names = tensor_names(file.path, object);
  std::vector<size_t> begins;
  for (const Pickle::Storage& storage : object.storages) {
    const std::string_view numbers = bytes_of(file, entries, text(folder, "/data/", storage.key));
    if (numbers.size() != bytes_of(storage)) {
      throw damaged(file.path, "a storage has another size than its tensors say");
    }
    begins.push_back(static_cast<size_t>(numbers.data() - file.view().data()));
  }
  return assemble(file, object, names, begins);
}

}  // namespace weft::weights
