#include "framework/run/value_entries.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/aminmax.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <cstring>

namespace weft::run {
namespace {

at::Tensor bytes_of(const std::string& text) {
  at::Tensor bytes = at::empty({static_cast<int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.data_ptr(), text.data(), text.size());
  return bytes;
}

/// The record whose entries lie below `name`; empty when there are none.
Value load_record(const std::string& name, const std::shared_ptr<const RecordSpec>& spec,
                  const Archive::Entries& entries) {
  const std::string below = name + '/';
  Record::Counts counts;
  for (const std::string& letter : spec->varying_letters()) {
    const auto found = entries.find(below + letter);
    if (found != entries.end()) counts[letter] = counts_of_tensor(found->first, found->second);
  }
  Record::Tensors tensors;
  for (auto at = entries.lower_bound(below); at != entries.end() && at->first.starts_with(below); ++at) {
    const std::string path = at->first.substr(below.size());
    if (!counts.contains(path)) tensors[path] = at->second;
  }
  return tensors.empty() ? Value() : Value(Record(spec, std::move(tensors), std::move(counts)));
}

/// The one-hot map whose ids lie below `name`.
Value load_one_hot(const std::string& name, const at::Tensor& ids, const Archive::Entries& entries) {
  const auto channels = entries.find(name + "/channels"), like = entries.find(name + "/type");
  if (channels == entries.end() || like == entries.end() || ids.scalar_type() != at::kShort || ids.dim() != 4 ||
      !like->second.is_floating_point())
    throw Error(Exit::Data, text(name, " is no one-hot map"));
  const std::vector<int64_t> counts = counts_of_tensor(channels->first, channels->second);
  bool fits = static_cast<int64_t>(counts.size()) == ids.size(1) && ids.numel() > 0;
  for (size_t group = 0; fits && group < counts.size(); ++group) {
    const auto [smallest, largest] = at::aminmax(ids.select(1, static_cast<int64_t>(group)));
    fits = counts[group] > 0 && smallest.item<int64_t>() >= 0 && largest.item<int64_t>() <= counts[group];
  }
  if (!fits) throw Error(Exit::Data, text(name, " has ids that are no channels of its map"));
  return nn::MapOrIds(std::make_shared<const nn::OneHot>(ids, counts, like->second.scalar_type()));
}

}  // namespace

void save_value(const std::string& name, const Value& value, Archive::Entries& entries) {
  if (value.has_value() && value.is_text()) entries[name + "/text"] = bytes_of(value.text());
  if (value.is_window()) {
    size_t frame = 0;
    for (const at::Tensor& map : value.frames()) entries[text(name, "/frame/", frame++)] = map;
    return;
  }
  value.visit([&](const std::string& path, const at::Tensor& tensor) { entries[name + path] = tensor; });
  if (value.is_one_hot()) {
    entries[name + "/channels"] = tensor_of_counts(value.one_hot()->channels());
    entries[name + "/type"] = at::zeros({1}, value.one_hot()->type());
  }
  if (!value.is_record()) return;
  for (const auto& [letter, counts] : value.record().counts())
    entries[text(name, '/', letter)] = tensor_of_counts(counts);
}

Value load_value(const std::string& name, const std::optional<Kind>& kind, const Archive::Entries& entries) {
  const auto tensor = entries.find(name);
  if (tensor != entries.end()) return tensor->second;
  if (kind && kind->record()) return load_record(name, kind->record(), entries);
  if (const auto ids = entries.find(name + "/ids"); ids != entries.end())
    return load_one_hot(name, ids->second, entries);
  const auto bytes = entries.find(name + "/text");
  if (bytes != entries.end())
    return std::string(static_cast<const char*>(bytes->second.data_ptr()), static_cast<size_t>(bytes->second.numel()));
  std::vector<at::Tensor> frames;
  for (size_t frame = 0; entries.contains(text(name, "/frame/", frame)); ++frame)
    frames.push_back(entries.at(text(name, "/frame/", frame)));
  return frames.empty() ? Value() : Value(std::move(frames));
}

}  // namespace weft::run
