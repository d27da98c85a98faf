#include "framework/weights/shards.h"

#include "framework/base/text.h"
#include "framework/weights/byte_reader.h"
#include "framework/weights/json_text.h"
#include "framework/weights/safetensors.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>

namespace weft::weights {
namespace {

using nlohmann::json;

constexpr size_t kLongestIndex = 32U << 20U;  // bytes; as the longest header of a file
constexpr size_t kMostShards = 10'000;
constexpr const char* kMap = "weight_map";

/// The names of the tensors by file.
/// @throws Error  when the index is none, or a file's name leads elsewhere
std::map<std::string, std::vector<std::string>> files_of(const MappedFile& index) {
  if (index.view().size() > kLongestIndex) {
    throw Error(Exit::Data, Place{index.path},
                text("is an index of ", index.view().size(), " bytes; ", kLongestIndex, " is the most that is read"));
  }
  const json parsed = parse_json(index.path, index.view());
  if (!parsed.is_object() || !parsed.contains(kMap) || !parsed[kMap].is_object() || parsed[kMap].empty()) {
    throw Error(Exit::Data, Place{index.path}, text("is JSON, but no index of weights: it has no `", kMap, '`'))
        .hint("an index lists the file of each tensor, as model.safetensors.index.json does");
  }
  std::map<std::string, std::vector<std::string>> files;
  for (const auto& [tensor, file] : parsed[kMap].items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    const bool is_beside = !name.empty() && name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
    if (!is_beside || name == "." || name == "..") {
      throw damaged(index.path, text("it says that \"", shown_name(tensor), "\" is in ",
                                     file.is_string() ? text('"', shown_name(name), '"') : kind_text(file),
                                     ", which is no file beside it"));
    }
    files[name].push_back(tensor);
    if (files.size() > kMostShards) throw damaged(index.path, text("it lists more than ", kMostShards, " files"));
  }
  return files;
}

WeightFile read_shard(const MappedFile& index, const std::string& name) {
  try {
    return read_safetensors(map_file(std::filesystem::path(index.path).parent_path() / name));
  } catch (Error& error) {
    error.within(text("which ", index.path, " lists"));
    throw;
  }
}

}  // namespace

bool is_shard_index(std::string_view bytes) {
  return bytes.starts_with('{') && bytes.substr(0, 8).find('\0') == std::string_view::npos;
}

WeightFile read_shards(const MappedFile& index) {
  WeightFile weights;
  for (const auto& [name, tensors] : files_of(index)) {
    WeightFile shard = read_shard(index, name);
    if (weights.tensors.empty()) weights.metadata = std::move(shard.metadata);
    const std::map<std::string, at::Tensor> found(shard.tensors.begin(), shard.tensors.end());
    for (const std::string& tensor : tensors) {
      const auto entry = found.find(tensor);
      if (entry == found.end()) {
        throw damaged(index.path, text("it says that \"", shown_name(tensor), "\" is in ", name, ", which lacks it"));
      }
      weights.tensors.emplace_back(*entry);
    }
  }
  return weights;
}

}  // namespace weft::weights
