#include "plugins/media/data_look.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/json_text.h"
#include "plugins/media/clip_frame.h"
#include "plugins/media/picture.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

namespace weft::media {
namespace {

constexpr size_t kIds = 65536;

std::string of_sequence(const DataSequence& sequence) {
  return sequence.name.empty() ? "" : text(" of sequence \"", sequence.name, '"');
}

/// By id, whether the picture has it.
std::vector<char> ids_in(const at::Tensor& ids) {
  std::vector<char> has(kIds, 0);
  const auto count = [&](const auto* from) {
    for (int64_t i = 0; i < ids.numel(); ++i) has[static_cast<uint16_t>(from[i])] = 1;
  };
  if (ids.scalar_type() == at::kByte) {
    count(ids.const_data_ptr<uint8_t>());
  } else {
    count(ids.const_data_ptr<int16_t>());
  }
  return has;
}

}  // namespace

DataLook::DataLook(const Layout& layout, const RemapTable* remap, Look look) : layout_(layout), look_(look) {
  for (const Modality modality : kAllModalities) {
    const auto at = static_cast<size_t>(modality);
    const bool is_mapped = modality == Modality::Labels && remap;
    if (is_mapped && !remap->other) {
      is_known_[at].assign(kIds, 0);
      for (const auto& [from, to] : remap->pairs) is_known_[at][static_cast<size_t>(from)] = 1;
    } else if (!is_mapped && layout.files[at] && layout.files[at]->largest_id) {
      is_known_[at].assign(kIds, 0);
      std::fill_n(is_known_[at].begin(), *layout.files[at]->largest_id + 1, 1);
    }
  }
}

DataFault DataLook::id_fault(const std::string& file, Modality modality, int64_t id) const {
  const auto& files = layout_.files[static_cast<size_t>(modality)];
  const bool has_largest = files && files->largest_id;
  return {text(file, " has the id ", id, ", which is not in the table"),
          text(has_largest ? text("the layout ", layout_.name, " has the ids 0 to ", *files->largest_id)
                           : "not every id has a pair",
               "; choose a `remap` with `other`, or write a layout of your own")};
}

DataLook::Seen DataLook::look_at_file(const std::string& file, Modality modality) const {
  Seen seen;
  try {
    if (look_ == Look::Headers) {
      seen.size = picture_size(file);
      return seen;
    }
    const at::Tensor pixels = read_stored(file, modality, layout_.palette.get());
    seen.size = Size{pixels.size(0), pixels.size(1)};
    if (!holds_ids(modality)) return seen;
    const std::vector<char> has = ids_in(pixels);
    const std::vector<char>& known = is_known_[static_cast<size_t>(modality)];
    for (size_t id = 0; id < kIds; ++id) {
      if (!has[id]) continue;
      seen.ids.push_back(static_cast<int64_t>(id));
      if (!known.empty() && !known[id] && seen.fault.what.empty())
        seen.fault = id_fault(file, modality, static_cast<int64_t>(id));
    }
  } catch (const Error& error) {
    seen.fault.what = error.message();
    seen.fault.way_out = error.hints().empty() ? "write the file again, or remove the frame" : error.hints().front();
  }
  return seen;
}

std::vector<DataLook::Seen> DataLook::look_at_files(const std::vector<std::string>& files, Modality modality) const {
  std::vector<Seen> seen(files.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < files.size(); i = next++) seen[i] = look_at_file(files[i], modality);
  };
  std::vector<std::future<void>> others;
  const size_t workers = std::min<size_t>(std::max(1U, std::thread::hardware_concurrency()), files.size());
  for (size_t i = 1; i < workers; ++i) others.push_back(std::async(std::launch::async, work));
  work();
  for (std::future<void>& other : others) other.get();
  return seen;
}

/// Files of one kind have one size, those of two kinds the same proportions.
void DataLook::compare_sizes(const DataSequence& sequence, Modality modality, const std::vector<Seen>& seen,
                             std::vector<DataFault>& faults) {
  const std::vector<std::string>& files = sequence.files[static_cast<size_t>(modality)];
  size_t first = files.size(), odd = files.size();
  int64_t different = 0;
  for (size_t i = 0; i < seen.size(); ++i) {
    if (!seen[i].size) continue;
    if (first == files.size()) first = i;
    if (*seen[i].size == *seen[first].size) continue;
    if (different++ == 0) odd = i;
  }
  if (first == files.size()) return;
  const Size size = *seen[first].size;
  if (different > 0) {
    faults.push_back(
        {text(files[odd], " is ", size_text(*seen[odd].size), ", but ", files[first], " is ", size_text(size),
              different > 1 ? text(" (", different, " such files", of_sequence(sequence), ')') : ""),
         "all frames of a sequence need one size; write them again, or remove them"});
  }
  if (!size_of_sequence_) {
    size_of_sequence_ = size;
    first_file_ = files[first];
    return;
  }
  if (size.width * size_of_sequence_->height == size.height * size_of_sequence_->width) return;
  faults.push_back({text(files[first], " is ", size_text(size), ", but ", first_file_, " of the same frame is ",
                         size_text(*size_of_sequence_)),
                    "files of one frame show the same scene, so they must have the same proportions"});
}

std::vector<DataFault> DataLook::look_at(const DataSequence& sequence) {
  std::vector<DataFault> faults;
  size_of_sequence_.reset();
  for (const Modality modality : kAllModalities) {
    const auto at = static_cast<size_t>(modality);
    const std::vector<std::string>& files = sequence.files[at];
    if (files.empty()) continue;
    const std::vector<Seen> seen = look_at_files(files, modality);
    int64_t faulty = 0;
    const Seen* first = nullptr;
    for (const Seen& one : seen) {
      Kind& kind = kinds_[at];
      ++kind.files;
      if (one.size) ++kind.sizes[size_text(*one.size)];
      kind.ids.insert(one.ids.begin(), one.ids.end());
      if (one.fault.what.empty()) continue;
      if (faulty++ == 0) first = &one;
    }
    if (first) {
      faults.push_back(first->fault);
      if (faulty > 1)
        faults.back().what += text(" (", faulty, " faulty files in ", name_of(modality), of_sequence(sequence), ')');
    }
    compare_sizes(sequence, modality, seen, faults);
  }
  return faults;
}

std::vector<std::string> DataLook::summary(const DataSet& data) const {
  std::vector<std::string> lines;
  for (const Modality modality : kAllModalities) {
    const auto at = static_cast<size_t>(modality);
    if (!layout_.files[at]) continue;
    if (!data.is_there[at]) {
      lines.push_back(text(name_of(modality), ": none (", layout_.files[at]->pattern.text(), ')'));
      continue;
    }
    const Kind& kind = kinds_[at];
    std::vector<std::string> sizes;
    for (const auto& [size, count] : kind.sizes)
      sizes.push_back(kind.sizes.size() > 1 ? text(count, " of ", size) : size);
    lines.push_back(text(name_of(modality), ": ", count_text(kind.files, "file"), sizes.empty() ? "" : ", ",
                         join(sizes), kind.largest_id() >= 0 ? text(", ids up to ", kind.largest_id()) : ""));
  }
  return lines;
}

std::string DataLook::facts(const DataSet& data) const {
  std::string json = text("{\"sequences\": ", data.sequences.size(), ", \"frames\": ", data.frames());
  for (const Modality modality : kAllModalities) {
    const auto at = static_cast<size_t>(modality);
    if (!layout_.files[at] || !data.is_there[at]) continue;
    std::vector<std::string> sizes;
    for (const auto& [size, count] : kinds_[at].sizes) sizes.push_back(text('"', size, "\": ", count));
    json += text(", \"", name_of(modality), "\": {\"sizes\": {", join(sizes),
                 "}, \"largest_id\": ", kinds_[at].largest_id(), ", \"ids\": ", kinds_[at].ids.size(), '}');
  }
  if (data.keypoints.empty()) return json + '}';
  std::vector<std::string> folders, lengths;
  for (const auto& [kind, folder] : data.keypoints)
    folders.push_back(text('"', kind, "\": ", weights::json_quoted(folder)));
  for (const DataSequence& sequence : data.sequences)
    lengths.push_back(text(weights::json_quoted(sequence.name), ": ", sequence.frames()));
  return text(json, ", \"keypoints\": {", join(folders), "}, \"lengths\": {", join(lengths), "}}");
}

}  // namespace weft::media
