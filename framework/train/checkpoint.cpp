#include "framework/train/checkpoint.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/safetensors.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

namespace weft::train {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFormat = "weft checkpoint 1";
constexpr size_t kListed = 8;

Error no_checkpoint(const std::string& path) {
  return Error(Exit::Data, text(path, " is no checkpoint of weft"))
      .hint("checkpoints lie in the folder `checkpoints` of a run; [weights] takes weight files");
}

template <typename Number>
Number number_of(const std::string& path, const std::string& digits) {
  Number number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) throw no_checkpoint(path);
  return number;
}

/// The entries of `metadata` that begin with `prefix`, without it.
template <typename Number>
std::map<std::string, Number> numbers_below(const std::string& path, const std::map<std::string, std::string>& metadata,
                                            const std::string& prefix) {
  std::map<std::string, Number> numbers;
  for (const auto& [name, value] : metadata) {
    if (name.starts_with(prefix)) numbers[name.substr(prefix.size())] = number_of<Number>(path, value);
  }
  return numbers;
}

/// Whether a tensor lies in memory pixel by pixel. Files do not keep that, and the last digits depend on it.
bool is_channels_last(const at::Tensor& tensor) {
  return tensor.dim() == 4 && !tensor.is_contiguous() && tensor.is_contiguous(at::MemoryFormat::ChannelsLast);
}

/// The lines that say what is trained, without those that only say for how long and what is kept.
std::vector<std::string> lines_of(const std::string& graph) {
  static const std::vector<std::string> kFree = {"epochs = ", "steps = ", "checkpoint = ", "keep = ", "best = "};
  std::vector<std::string> lines;
  bool is_run = false;
  for (const std::string& line : split(graph, '\n')) {
    if (line.starts_with('[')) is_run = line == "[run]";
    const bool is_free = is_run && std::any_of(kFree.begin(), kFree.end(),
                                               [&](const std::string& key) { return line.starts_with(key); });
    if (!is_free && !line.empty()) lines.push_back(line.starts_with('[') ? line : text("    ", line));
  }
  return lines;
}

/// The lines of `a` that `b` lacks, below the heading that they stand under.
std::vector<std::string> lines_without(const std::vector<std::string>& a, const std::vector<std::string>& b,
                                       const std::string& sign) {
  std::multiset<std::string> known;
  const auto walk = [](const std::vector<std::string>& lines, const auto& visit) {
    std::string heading;
    for (const std::string& line : lines) {
      if (line.starts_with('[')) heading = line;
      visit(heading, line);
    }
  };
  walk(b, [&](const std::string& heading, const std::string& line) { known.insert(heading + line); });
  std::vector<std::string> lines;
  walk(a, [&](const std::string& heading, const std::string& line) {
    const auto found = known.find(heading + line);
    if (found == known.end()) {
      lines.push_back(text(sign, ' ', heading == line ? "" : heading, heading == line ? line : line.substr(3)));
    } else {
      known.erase(found);
    }
  });
  return lines;
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  weights::WeightFile file;
  std::string channels_last;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (is_channels_last(tensor)) channels_last += name + '\n';
    file.tensors.emplace_back(name, tensor.cpu());
  }
  const Position& at = checkpoint.position;
  file.metadata = {{"format", std::string(kFormat)},
                   {"graph", checkpoint.graph},
                   {"channels_last", channels_last},
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
  weights::WeightFile file = weights::read_weights(path);
  const auto format = file.metadata.find("format");
  if (format == file.metadata.end() || format->second != kFormat) throw no_checkpoint(path);
  std::map<std::string, int64_t> at = numbers_below<int64_t>(path, file.metadata, "at/");
  Checkpoint checkpoint;
  checkpoint.stage = at["stage"];
  checkpoint.epoch_of_stage = at["epoch_of_stage"];
  checkpoint.position = {at["epoch"], at["clip"], at["chunk"], at["clips"], at["step"]};
  checkpoint.graph = file.metadata["graph"];
  checkpoint.files = numbers_below<int64_t>(path, file.metadata, "file/");
  checkpoint.numbers = numbers_below<double>(path, file.metadata, "number/");
  const std::vector<std::string> listed = split(file.metadata["channels_last"], '\n');
  const std::set<std::string> channels_last(listed.begin(), listed.end());
  for (auto& [name, tensor] : file.tensors) {
    checkpoint.tensors[name] =
        channels_last.contains(name) ? tensor.contiguous(at::MemoryFormat::ChannelsLast) : tensor;
  }
  return checkpoint;
}

std::string find_checkpoint(const std::string& place) {
  if (fs::is_regular_file(place)) return place;
  const fs::path inner = fs::path(place) / "checkpoints";
  const fs::path folder = fs::is_directory(inner) ? inner : fs::path(place);
  std::string newest;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    const bool is_numbered = name.ends_with(".safetensors") && name.front() >= '0' && name.front() <= '9';
    if (is_numbered && (newest.empty() || natural_less(fs::path(newest).filename().string(), name)))
      newest = entry.path();
  }
  if (!newest.empty()) return newest;
  throw Error(Exit::Data, text("there is no checkpoint in ", place))
      .hint("--resume takes a checkpoint, a run folder, or `last` for the newest run of this graph");
}

void check_same_graph(const std::string& path, const Checkpoint& checkpoint, const std::string& graph) {
  const std::vector<std::string> then = lines_of(checkpoint.graph), now = lines_of(graph);
  std::vector<std::string> lines = lines_without(then, now, "-");
  const std::vector<std::string> added = lines_without(now, then, "+");
  lines.insert(lines.end(), added.begin(), added.end());
  if (lines.empty()) return;
  Error error(Exit::Data, text(path, " is a checkpoint of another graph (-: there, +: here)"));
  const size_t count = lines.size();
  if (count > kListed) lines.resize(kListed);
  for (const std::string& line : lines) error.within(line);
  if (count > kListed) error.within(text("and ", count - kListed, " lines more"));
  throw error.hint("a stage, or [weights] with the trained file, begins from weights under another graph");
}

}  // namespace weft::train
