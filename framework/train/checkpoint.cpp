#include "framework/train/checkpoint.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/safetensors.h"
#include "framework/weights/shape_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <set>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "weft checkpoint 1";
constexpr size_t kListed = 8;
constexpr size_t kLongest = 200;  // of a line in a message, in bytes

Error no_checkpoint(const std::string& path) {
  return Error(Exit::Data, text(path, " is no checkpoint of weft"))
      .hint("checkpoints lie in the folder `checkpoints` of a run; [weights] takes weight files");
}

/// More than any count of a training comes to, and few enough to add and multiply.
constexpr int64_t kMost = 1'000'000'000'000;

/// Reads what a checkpoint says of itself and gathers what cannot be.
class Facts {
 public:
  explicit Facts(const std::map<std::string, std::string>& metadata) : metadata_(metadata) {}

  /// A count: a whole number from 0.
  int64_t count(const std::string& name, int64_t most = kMost) {
    const std::string* written = find(name);
    if (!written) return 0;
    int64_t count = -1;
    const auto [end, error] = std::from_chars(written->data(), written->data() + written->size(), count);
    const bool is_whole = error == std::errc() && end == written->data() + written->size();
    if (is_whole && count >= 0 && count <= most) return count;
    faults_.push_back(text(name, " is ", shown(*written), "; it must be from 0 to ", most));
    return 0;
  }

  double number(const std::string& name) {
    const std::string* written = find(name);
    if (!written) return 0;
    double number = 0;
    const auto [end, error] = std::from_chars(written->data(), written->data() + written->size(), number);
    const bool is_number = error == std::errc() && end == written->data() + written->size() && !std::isnan(number);
    if (is_number) return number;
    faults_.push_back(text(name, " is ", shown(*written), ", which is no number"));
    return 0;
  }

  bool has(const std::string& name) const { return metadata_.contains(name); }
  void add(const std::string& fault) { faults_.push_back(fault); }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  const std::string* find(const std::string& name) {
    const auto found = metadata_.find(name);
    if (found != metadata_.end()) return &found->second;
    faults_.push_back(text(name, " is missing"));
    return nullptr;
  }
  static std::string shown(const std::string& written) { return text('"', written.substr(0, 40), '"'); }

  const std::map<std::string, std::string>& metadata_;
  std::vector<std::string> faults_;
};

/// Where training was. Each epoch has a step at least. A current clip without a chunk has not begun: the run was stopped while
/// it was opened.
Position position_of(Facts& facts) {
  Position at;
  at.step = facts.count("at/step");
  at.epoch = facts.count("at/epoch", at.step);
  at.clips = facts.count("at/clips");
  at.clip = facts.count("at/clip", at.clips);
  at.chunk = facts.count("at/chunk");
  return at;
}

std::map<std::string, double> numbers_of(Facts& facts, const Position& at) {
  std::map<std::string, double> numbers;
  for (const char* name : {"watched_count", "steps_of_epoch", "steps_of_last_epoch"})
    numbers[name] = static_cast<double>(facts.count(text("number/", name), at.step));
  numbers["watched_sum"] = facts.number("number/watched_sum");
  if (facts.has("number/best")) numbers["best"] = facts.number("number/best");
  if (facts.has("number/best_step"))
    numbers["best_step"] = static_cast<double>(facts.count("number/best_step", at.step));
  return numbers;
}

/// The tensors of a file, laid out as they were.
Archive::Entries tensors_of(const weights::WeightFile& file, Facts& facts) {
  Archive::Entries tensors(file.tensors.begin(), file.tensors.end());
  if (!facts.has("channels_last")) facts.add("channels_last is missing");
  const auto listed = file.metadata.find("channels_last");
  for (const std::string& name : split(listed == file.metadata.end() ? "" : listed->second, '\n')) {
    if (name.empty()) continue;
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.dim() != 4) {
      facts.add(text("channels_last names ", name, ", which is no tensor of 4 dimensions"));
    } else {
      found->second = found->second.contiguous(at::MemoryFormat::ChannelsLast);
    }
  }
  return tensors;
}

/// Type and shape of a tensor, as the table of contents has them.
std::string form_of(const at::Tensor& tensor) {
  return text(c10::toString(tensor.scalar_type()), ' ', weights::shape_text(tensor));
}

/// Compares the tensors with the table of contents, where a checkpoint has one: what a graph does not tell, as what a node
/// remembers, is known by it alone.
void compare_contents(const std::map<std::string, std::string>& metadata, const Archive::Entries& tensors,
                      Facts& facts) {
  const auto contents = metadata.find("contents");
  if (contents == metadata.end()) return;
  std::set<std::string> listed;
  for (const std::string& line : split(contents->second, '\n')) {
    if (line.empty()) continue;
    const std::string name = line.substr(0, line.find('\t')),
                      form = line.substr(std::min(line.size(), name.size() + 1));
    listed.insert(name);
    const auto found = tensors.find(name);
    if (found == tensors.end()) {
      facts.add(text(name, " is missing"));
    } else if (form_of(found->second) != form) {
      facts.add(text(name, " is ", form_of(found->second), ", not ", form));
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!listed.contains(name)) facts.add(text(name, " is not in its table of contents"));
  }
}

/// The checkpoint before another one of its folder; empty when there is none.
std::string one_before(const std::string& path) {
  std::string before;
  std::error_code error;
  for (const SavedCheckpoint& saved : saved_checkpoints(fs::path(path).parent_path())) {
    if (fs::equivalent(saved.path, path, error)) break;
    before = saved.path;
  }
  return before;
}

/// Whether a tensor lies in memory pixel by pixel. Files do not keep that, and the last digits depend on it.
bool is_channels_last(const at::Tensor& tensor) {
  return tensor.dim() == 4 && !tensor.is_contiguous() && tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
}

Error with_way_out(Error error, const std::string& path) {
  const std::string before = one_before(path);
  if (!before.empty()) return error.hint(text("--resume ", before, " goes on with the checkpoint before it"));
  return error.hint("another checkpoint of the run, or [weights] with a file of its folder `weights`, may be whole");
}

}  // namespace

std::string checkpoint_name(int64_t step) {
  char name[40];
  std::snprintf(name, sizeof name, "%08lld.safetensors", static_cast<long long>(step));
  return name;
}

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  weights::WeightFile file;
  std::string channels_last, contents;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (is_channels_last(tensor)) channels_last += name + '\n';
    contents += text(name, '\t', form_of(tensor), '\n');
    file.tensors.emplace_back(name, tensor.cpu());
  }
  const Position& at = checkpoint.position;
  file.metadata = {{"format", std::string(kFormat)},
                   {"graph", checkpoint.graph},
                   {"channels_last", channels_last},
                   {"contents", contents},
                   {"at/stage", text(checkpoint.stage)},
                   {"at/epoch_of_stage", text(checkpoint.epoch_of_stage)},
                   {"at/epoch", text(at.epoch)},
                   {"at/clip", text(at.clip)},
                   {"at/chunk", text(at.chunk)},
                   {"at/clips", text(at.clips)},
                   {"at/step", text(at.step)}};
  for (const auto& [name, length] : checkpoint.files) file.metadata["file/" + name] = text(length);
  for (const auto& [name, number] : checkpoint.numbers) file.metadata["number/" + name] = number_text(number);
  weights::write_safetensors(path, file);
}

Checkpoint read_checkpoint(const std::string& path) {
  weights::WeightFile file;
  try {
    file = weights::read_weights(path);
  } catch (const Error& damage) {
    throw with_way_out(damage, path);
  }
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || !format->second.starts_with(kFormat.substr(0, kFormat.size() - 1)))
    throw no_checkpoint(path);
  if (format->second != kFormat) {
    throw Error(Exit::Data, text(path, " is in the format \"", printable(shortened(format->second, kLongest)),
                                 "\", but this weft reads \"", kFormat, '"'))
        .hint("the version of weft that wrote it stands in lock.toml of its run folder");
  }
  Facts facts(file.metadata);
  Checkpoint checkpoint;
  checkpoint.position = position_of(facts);
  checkpoint.stage = facts.count("at/stage");
  checkpoint.epoch_of_stage = facts.count("at/epoch_of_stage", checkpoint.position.epoch);
  checkpoint.graph = file.metadata["graph"];
  if (checkpoint.graph.empty()) facts.add("graph is missing");
  if (!facts.has("file/log.jsonl")) facts.add("file/log.jsonl is missing");
  for (const auto& [name, length] : file.metadata) {
    if (name.starts_with("file/")) checkpoint.files[name.substr(5)] = facts.count(name);
  }
  checkpoint.numbers = numbers_of(facts, checkpoint.position);
  checkpoint.tensors = tensors_of(file, facts);
  compare_contents(file.metadata, checkpoint.tensors, facts);
  if (!facts.faults().empty()) throw unusable(path, "what it says of itself cannot be", facts.faults());
  return checkpoint;
}

std::optional<int64_t> step_of(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return {};
  try {
    const weights::WeightFile file = weights::read_weights(path);
    Facts facts(file.metadata);
    const int64_t step = facts.count("at/step");
    return facts.faults().empty() ? std::optional(step) : std::nullopt;
  } catch (const Error&) {
    return {};  // what cannot be read is no checkpoint that anybody could go on from
  }
}

std::vector<SavedCheckpoint> saved_checkpoints(const std::string& folder) {
  std::vector<SavedCheckpoint> saved;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    SavedCheckpoint one{0, entry.path()};
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), one.step);
    // As checkpoint_name() writes it: a person's copy of a checkpoint is neither resumed as the newest nor removed.
    if (fault == std::errc() && name == checkpoint_name(one.step)) saved.push_back(one);
  }
  std::sort(saved.begin(), saved.end(),
            [](const SavedCheckpoint& a, const SavedCheckpoint& b) { return a.step < b.step; });
  return saved;
}

std::string find_checkpoint(const std::string& place) {
  std::error_code error;
  if (fs::is_regular_file(place, error)) return place;
  const fs::path inner = fs::path(place) / "checkpoints";
  const std::vector<SavedCheckpoint> saved =
      saved_checkpoints(fs::is_directory(inner, error) ? inner : fs::path(place));
  if (!saved.empty()) return saved.back().path;
  throw Error(Exit::Data, text("there is no checkpoint in ", place))
      .hint("--resume takes a checkpoint, a run folder, or `last` for the newest run of this graph");
}

std::string run_folder_of(const std::string& checkpoint) {
  if (checkpoint.empty()) return {};
  std::error_code error;
  const fs::path checkpoints = fs::canonical(fs::absolute(checkpoint, error).parent_path(), error);
  if (error || checkpoints.filename() != "checkpoints") return {};
  const fs::path folder = checkpoints.parent_path();
  const bool is_of_run = fs::exists(folder / "log.jsonl", error) || fs::exists(folder / "graph.toml", error);
  return is_of_run ? folder.string() : "";
}

Error lists(Error error, const std::vector<std::string>& lines) {
  for (size_t i = 0; i < std::min(lines.size(), kListed); ++i) error.within(printable(shortened(lines[i], kLongest)));
  if (lines.size() > kListed) error.within(text("and ", lines.size() - kListed, " more"));
  return error;
}

Error unusable(const std::string& path, const std::string& what, const std::vector<std::string>& faults) {
  return with_way_out(lists(Error(Exit::Data, text("the checkpoint ", path, " cannot be resumed: ", what)), faults),
                      path);
}

}  // namespace weft::train
