#include "framework/run/outputs.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/output_path.h"
#include "framework/run/node_failure.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace weft::run {
namespace {

namespace fs = std::filesystem;

/// The files and folders that nodes other than writers, and weights, are read from.
std::vector<std::pair<std::string, std::string>> read_files(const graph::GoalGraph& graph) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const graph::FlatNode& node : graph.nodes) {
    if (!node.spec || node.spec->is_sink) continue;
    for (const ParamSpec& param : node.spec->params) {
      const auto given = node.params.find(param.name);
      if (param.type != ParamType::Path || given == node.params.end()) continue;
      const auto* file = std::get_if<std::string>(&given->second);
      if (file && !file->empty()) files.emplace_back(text("by the node \"", node.path, '"'), *file);
    }
  }
  for (const graph::WeightSource& weights : graph.weights) {
    if (weights.is_file()) files.emplace_back(text("for the weights of \"", weights.path, '"'), weights.file);
  }
  return files;
}

/// Whether `file` is `place`, or lies in that folder.
bool is_within(const fs::path& file, const fs::path& place) {
  std::error_code error;
  if (fs::equivalent(file, place, error)) return true;
  if (!fs::is_directory(place, error)) return false;
  const fs::path from_place = fs::relative(file, place, error);
  return !error && !from_place.empty() && *from_place.begin() != "..";
}

std::string in_node(const Outputs::Writer& writer) {
  const graph::FlatNode& node = *writer.description;
  return text("in node \"", node.path, "\" (", node.spec->type, "), ", node.place);
}

}  // namespace

Outputs::Outputs(const graph::GoalGraph& graph, std::vector<Writer> writers, Existing existing)
    : graph_(graph), writers_(std::move(writers)), existing_(existing), read_(read_files(graph)) {}

std::optional<Output> Outputs::output_of(const Writer& writer, const std::string& sequence) const {
  try {
    return writer.node->output(sequence);
  } catch (...) {
    throw node_failure(std::current_exception(), *writer.description, 0, "");
  }
}

void Outputs::refuse_existing(const std::string& sequence) const {
  for (const Writer& writer : writers_) {
    const auto output = output_of(writer, sequence);
    if (!output) continue;
    refuse_read_unfinished(writer, output->path);
    if (output->existing.empty()) continue;
    if (existing_ != Existing::Refuse) {
      refuse_read(writer, output->existing);
      continue;
    }
    throw Error(Exit::Failed, text(output->existing, " is already there"))
        .within(in_node(writer))
        .hint("--force replaces it; of `weft run`, --resume leaves out the sequences that are finished");
  }
}

void Outputs::refuse_read(const Writer& writer, const std::string& file) const {
  const auto reader =
      std::find_if(read_.begin(), read_.end(), [&](const auto& one) { return is_within(file, one.second); });
  if (reader == read_.end()) return;
  std::error_code error;
  const char* relation = fs::is_directory(reader->second, error) ? "lies in a folder that is" : "is";
  throw Error(Exit::Graph, text(file, " would be replaced, but ", relation, " read ", reader->first))
      .within(in_node(writer))
      .hint("give the writer a `path` elsewhere");
}

/// What is written until the output is complete may be what a run before has left, and this one reads.
void Outputs::refuse_read_unfinished(const Writer& writer, const std::string& output) const {
  const std::string unfinished = data::unfinished_place(output);
  std::error_code error;
  if (!fs::exists(unfinished, error)) return;
  const auto reader =
      std::find_if(read_.begin(), read_.end(), [&](const auto& one) { return is_within(one.second, unfinished); });
  if (reader == read_.end()) return;
  throw Error(Exit::Graph,
              text(unfinished, " is where ", output, " is written until it is complete, but is read ", reader->first))
      .within(in_node(writer))
      .hint(text("rename ", unfinished, ", or give the writer a `path` elsewhere"));
}

void Outputs::check_names(const std::vector<std::string>& sequences) const {
  struct Maker {
    const Writer* writer;
    std::string sequence;
  };
  std::map<std::string, Maker> makers;
  for (const std::string& name : sequences) {
    for (const Writer& writer : writers_) {
      const auto output = output_of(writer, name);
      if (!output) continue;
      const auto [entry, is_new] = makers.try_emplace(output->path, Maker{&writer, name});
      if (is_new) continue;
      const Maker& other = entry->second;
      Error error(Exit::Graph, writer.description->place,
                  other.writer == &writer ? text("node \"", writer.description->path, "\" would write both \"",
                                                 other.sequence, "\" and \"", name, "\" to ", output->path)
                                          : text("the nodes \"", other.writer->description->path, "\" and \"",
                                                 writer.description->path, "\" would both write ", output->path));
      if (other.writer != &writer) throw error.hint("give each a `path` of its own");
      throw error.hint(other.sequence == name
                           ? "rename one of the sequences: two of one name have one output"
                           : "write {sequence} in `path`: the name of each sequence takes its place");
    }
  }
}

void Outputs::check(const std::vector<std::string>& sequences) const {
  check_names(sequences);
  for (const auto& [writer, file] : whole_files()) {
    if (fs::exists(file)) refuse_read(*writer, file);
  }
  for (const std::string& name : sequences) {
    if (finished(name).empty()) refuse_existing(name);
  }
}

void Outputs::claim(const std::vector<std::string>& sequences) {
  locks_.clear();
  std::set<std::string> locked;  // several writers may fill one folder
  for (const std::string& name : sequences) {
    for (const Writer& writer : writers_) {
      const auto output = output_of(writer, name);
      if (!output) continue;
      if (claimed_.emplace(output->path, name).first->second != name) data::fail_at_second_sequence(output->path);
      if (locked.insert(OutputLock::file_for(output->path)).second) locks_.emplace_back(output->path);
    }
    refuse_existing(name);
  }
}

void Outputs::claim_whole() {
  for (const auto& [writer, file] : whole_files()) whole_locks_.emplace_back(file);
}

void Outputs::release() {
  locks_.clear();
  whole_locks_.clear();
}

/// Those of a sequence that is finished and kept; of any other none.
std::vector<std::string> Outputs::finished(const std::string& sequence) const {
  std::vector<std::string> files;
  if (existing_ != Existing::Resume) return files;
  for (const Writer& writer : writers_) {
    const auto output = output_of(writer, sequence);
    if (output && output->existing.empty()) return {};
    if (output) files.push_back(output->path);
  }
  return files;
}

bool Outputs::leave_out(const std::string& sequence) const {
  const std::vector<std::string> files = finished(sequence);
  for (const std::string& file : files) OutputLock::remove_abandoned(file);
  return !files.empty();
}

std::vector<std::string> Outputs::existing(const std::string& sequence) const {
  std::vector<std::string> files;
  for (const Writer& writer : writers_) {
    const auto output = output_of(writer, sequence);
    if (output && !output->existing.empty()) files.push_back(output->path);
  }
  return files;
}

/// Those of writers that have a `path` and no outputs by sequence.
std::vector<std::pair<const Outputs::Writer*, std::string>> Outputs::whole_files() const {
  std::vector<std::pair<const Writer*, std::string>> files;
  for (const Writer& writer : writers_) {
    const auto path = writer.description->params.find("path");
    if (path == writer.description->params.end() || output_of(writer, "any")) continue;
    const auto* file = std::get_if<std::string>(&path->second);
    if (file && !file->empty()) files.emplace_back(&writer, *file);
  }
  return files;
}

std::vector<std::string> Outputs::existing_whole() const {
  std::vector<std::string> files;
  for (const auto& [writer, file] : whole_files()) {
    if (fs::exists(file)) files.push_back(file);
  }
  return files;
}

}  // namespace weft::run
