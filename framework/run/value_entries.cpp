#include "framework/run/value_entries.h"

#include "framework/base/text.h"

#include <ATen/ops/empty.h>

#include <cstring>

namespace weft::run {
namespace {

void save_verdicts(const std::string& name, const std::vector<Verdict>& verdicts, Archive::Entries& entries) {
  for (size_t scale = 0; scale < verdicts.size(); ++scale) {
    for (size_t layer = 0; layer < verdicts[scale].features.size(); ++layer)
      entries[text(name, '/', scale, "/feature/", layer)] = verdicts[scale].features[layer];
    entries[text(name, '/', scale, "/score")] = verdicts[scale].score;
  }
}

std::vector<Verdict> load_verdicts(const std::string& name, const Archive::Entries& entries) {
  std::vector<Verdict> verdicts;
  for (size_t scale = 0; entries.contains(text(name, '/', scale, "/score")); ++scale) {
    Verdict verdict;
    verdict.score = entries.at(text(name, '/', scale, "/score"));
    for (size_t layer = 0;; ++layer) {
      const auto feature = entries.find(text(name, '/', scale, "/feature/", layer));
      if (feature == entries.end()) break;
      verdict.features.push_back(feature->second);
    }
    verdicts.push_back(std::move(verdict));
  }
  return verdicts;
}

Value load_judgement(const std::string& name, const Archive::Entries& entries) {
  Judgement judgement;
  judgement.real = load_verdicts(name + "/real", entries);
  for (size_t fake = 0; entries.contains(text(name, "/fake/", fake, "/0/score")); ++fake)
    judgement.fakes.push_back(load_verdicts(text(name, "/fake/", fake), entries));
  return judgement;
}

at::Tensor bytes_of(const std::string& text) {
  at::Tensor bytes = at::empty({static_cast<int64_t>(text.size())}, at::kByte);
  std::memcpy(bytes.data_ptr(), text.data(), text.size());
  return bytes;
}

}  // namespace

void save_value(const std::string& name, const Value& value, Archive::Entries& entries) {
  if (!value.has_value()) return;
  if (value.is_text()) {
    entries[name + "/text"] = bytes_of(value.text());
  } else if (value.is_judgement()) {
    save_verdicts(name + "/real", value.judgement().real, entries);
    for (size_t fake = 0; fake < value.judgement().fakes.size(); ++fake)
      save_verdicts(text(name, "/fake/", fake), value.judgement().fakes[fake], entries);
  } else if (value.is_window()) {
    const std::vector<at::Tensor> frames = value.frames();
    for (size_t frame = 0; frame < frames.size(); ++frame) entries[text(name, "/frame/", frame)] = frames[frame];
  } else {
    entries[name] = value.tensor();
  }
}

Value load_value(const std::string& name, const Archive::Entries& entries) {
  const auto tensor = entries.find(name);
  if (tensor != entries.end()) return tensor->second;
  const auto bytes = entries.find(name + "/text");
  if (bytes != entries.end())
    return std::string(static_cast<const char*>(bytes->second.data_ptr()), static_cast<size_t>(bytes->second.numel()));
  if (entries.contains(name + "/real/0/score")) return load_judgement(name, entries);
  std::vector<at::Tensor> frames;
  for (size_t frame = 0; entries.contains(text(name, "/frame/", frame)); ++frame)
    frames.push_back(entries.at(text(name, "/frame/", frame)));
  return frames.empty() ? Value() : Value(std::move(frames));
}

}  // namespace weft::run
