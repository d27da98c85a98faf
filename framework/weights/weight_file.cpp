#include "framework/weights/weight_file.h"

#include "framework/base/text.h"
#include "framework/weights/mapped_file.h"
#include "framework/weights/npy.h"
#include "framework/weights/pth.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/shards.h"

#include <algorithm>
#include <array>
#include <set>

namespace weft::weights {
namespace {

using namespace std::string_view_literals;

/// What people keep by mistake under the name of a weight file.
struct Mistake {
  size_t place;  ///< of the mark, in bytes
  std::string_view mark;
  const char* what;
  const char* hint;
};
constexpr std::array<Mistake, 6> kMistakes = {{
    {257, "ustar"sv, "is in the tar format of PyTorch before 0.1.10, or some other tar archive",
     "in Python: torch.save(torch.load(file, map_location=\"cpu\"), \"weights.pth\")"},
    {0, "\x80"sv, "is a Python pickle, but not one that torch.save wrote",
     "in Python, make a dict of tensors of what it holds, and write it with torch.save"},
    {0, "\x1f\x8b"sv, "is compressed with gzip", "gunzip it first"},
    {0, "version https://git-lfs"sv, "is the place-holder that Git LFS leaves for a file",
     "fetch the file: git lfs pull"},
    {0, "<"sv, "is a web page or XML, not weights",
     "the address gave a page about the file; look there for the file itself"},
    {0, "\x89HDF"sv, "is an HDF5 file (Keras)", "weft reads safetensors and .pth"},
}};

Error not_weights(const MappedFile& file) {
  for (const Mistake& mistake : kMistakes) {
    if (file.view().substr(std::min(mistake.place, file.view().size())).starts_with(mistake.mark)) {
      return Error(Exit::Data, Place{file.path}, mistake.what).hint(mistake.hint);
    }
  }
  return Error(Exit::Data, Place{file.path}, "is no weight file: neither safetensors nor a .pth of torch.save");
}

}  // namespace

WeightFile WeightFile::below(std::string_view prefix) const {
  WeightFile part{{}, metadata};
  const std::string begin = text(prefix, '.');
  std::vector<std::string> first_words;
  std::set<std::string> known;
  for (const auto& [name, tensor] : tensors) {
    if (name.starts_with(begin)) part.tensors.emplace_back(name.substr(begin.size()), tensor);
    const std::string word = name.substr(0, name.find('.'));
    if (known.insert(word).second) first_words.push_back(word);
  }
  if (part.tensors.empty()) {
    throw Error(Exit::Data, text("no tensor's name begins with \"", begin, '"'))
        .hint(text("they begin with ", quoted_list(first_words, "and")));
  }
  return part;
}

WeightFile read_weights(const std::string& path, const SkippedNames& skipped) {
  const MappedFile file = map_file(path);
  const std::string_view bytes = file.view();
  if (bytes.starts_with("PK\3\4") || bytes.starts_with("PK\5\6")) return read_zip_pth(file, skipped);
  if (is_legacy_pth(bytes)) return read_legacy_pth(file, skipped);
  if (is_shard_index(bytes)) return read_shards(file);
  if (is_npy(bytes)) return read_npy(file, skipped);
  constexpr size_t kHeader = 8;  // a safetensors file begins with its header's length; the header with a brace
  if (bytes.size() > kHeader && bytes[kHeader] == '{') return read_safetensors(file);
  throw not_weights(file);
}

}  // namespace weft::weights
