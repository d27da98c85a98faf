#include "framework/run/frame_pairs.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_number.h"

#include <algorithm>
#include <map>
#include <set>

namespace weft::run {
namespace {

using Frame = PairedSource::Frame;
using graph::FlatNode;
using graph::RunSettings;

/// A source whose frames have names with numbers.
struct Numbered {
  const OpenSource* source;
  std::vector<std::string> names;
  std::map<int64_t, size_t> places;  ///< of frames, by number
};

/// The beginning that `before` asks for must be there, as far as the run goes.
void check_beginnings(const std::vector<OpenSource>& sources, const RunSettings& settings,
                      const std::string& sequence) {
  int64_t run_length = settings.frames.value_or(graph::kAlways);
  for (const OpenSource& source : sources) {
    if (source.need.is_side_by_side) run_length = std::min(run_length, source.node->frames().value_or(graph::kAlways));
  }
  for (const OpenSource& source : sources) {
    const int64_t wanted = std::min(source.need.first_frames, run_length);
    const auto frames = source.node->frames();
    if (!frames || *frames >= wanted) continue;
    throw short_beginning(*source.description, *frames, wanted, sequence);
  }
}

void report_lengths(const std::vector<OpenSource>& sources, const std::string& sequence, Log& log) {
  const OpenSource *shortest = nullptr, *longest = nullptr;
  for (const OpenSource& source : sources) {
    const auto frames = source.node->frames();
    if (!frames || !source.need.is_side_by_side) continue;
    if (!shortest || *frames < *shortest->node->frames()) shortest = &source;
    if (!longest || *frames > *longest->node->frames()) longest = &source;
  }
  if (!shortest || *shortest->node->frames() == *longest->node->frames()) return;
  log.warn(text("\"", longest->description->path, "\" has ", count_text(*longest->node->frames(), "frame"),
                of_sequence(sequence), ", but \"", shortest->description->path, "\" has ", *shortest->node->frames(),
                ": the last ones are not used"));
}

/// The sources that can be paired.
std::vector<Numbered> numbered(const std::vector<OpenSource>& sources) {
  std::vector<Numbered> found;
  for (const OpenSource& source : sources) {
    if (!source.need.is_side_by_side) continue;
    std::vector<std::string> names = source.node->frame_names();
    const std::vector<int64_t> numbers = data::rising_numbers(names);
    if (numbers.empty() || source.node->frames() != static_cast<int64_t>(numbers.size())) continue;
    Numbered one{&source, std::move(names), {}};
    for (size_t i = 0; i < numbers.size(); ++i) one.places.emplace(numbers[i], i);
    found.push_back(std::move(one));
  }
  return found;
}

/// The frames that any source has, with the name that the first of those gives.
std::map<int64_t, std::string> all_frames(const std::vector<Numbered>& sources) {
  std::map<int64_t, std::string> frames;
  for (const Numbered& source : sources) {
    for (const auto& [number, place] : source.places) frames.emplace(number, source.names[place]);
  }
  return frames;
}

std::string lacks_text(const Numbered& source, const std::map<int64_t, std::string>& all) {
  std::vector<std::string> lacking;
  for (const auto& [number, name] : all) {
    if (!source.places.contains(number)) lacking.push_back(name);
  }
  return run::lacks_text(*source.source->description, lacking);
}

Error missing_error(const std::vector<Numbered>& sources, const std::map<int64_t, std::string>& all,
                    const std::string& sequence) {
  std::vector<std::string> lacks;
  const FlatNode* first = nullptr;
  for (const Numbered& source : sources) {
    const std::string one = lacks_text(source, all);
    if (one.empty()) continue;
    if (!first) first = source.source->description;
    lacks.push_back(one);
  }
  Error error(Exit::Data, first->place, text("frames", of_sequence(sequence), " have no partner: ", join(lacks, "; ")));
  error.hint(
      "add them; or run.missing = \"skip\" leaves such frames out, \"nobody\" reads missing poses and landmarks as "
      "frames without people");
  error.hint(kPairByPosition);
  return error;
}

/// The numbers of the frames that all sources have, or can do without.
std::set<int64_t> common_numbers(const std::vector<Numbered>& sources, const std::map<int64_t, std::string>& all,
                                 RunSettings::Missing missing) {
  std::set<int64_t> common;
  for (const auto& [number, name] : all) {
    const bool is_common = std::all_of(sources.begin(), sources.end(), [&, number = number](const Numbered& source) {
      const bool is_filled = missing == RunSettings::Missing::Nobody && source.source->node->has_nobody();
      return is_filled || source.places.contains(number);
    });
    if (is_common) common.insert(number);
  }
  return common;
}

void choose_frames(const Numbered& source, const std::set<int64_t>& common, const std::map<int64_t, std::string>& all) {
  std::vector<Frame> frames;
  for (const int64_t number : common) {
    const auto place = source.places.find(number);
    const bool is_there = place != source.places.end();
    frames.push_back({is_there ? static_cast<int64_t>(place->second) : Frame::kNobody, all.at(number)});
  }
  source.source->node->choose(std::move(frames));
}

void pair_by_number(const std::vector<Numbered>& sources, const RunSettings& settings, const std::string& sequence,
                    Log& log) {
  const std::map<int64_t, std::string> all = all_frames(sources);
  const bool is_whole = std::all_of(sources.begin(), sources.end(),
                                    [&](const Numbered& source) { return source.places.size() == all.size(); });
  if (is_whole) return;
  if (settings.missing == RunSettings::Missing::Error) throw missing_error(sources, all, sequence);
  const std::set<int64_t> common = common_numbers(sources, all, settings.missing);
  if (common.empty()) throw missing_error(sources, all, sequence);
  for (const Numbered& source : sources) {
    const std::string lacks = lacks_text(source, all);
    if (!lacks.empty()) log.warn(text(lacks, of_sequence(sequence), ", which run.missing allows"));
    choose_frames(source, common, all);
  }
}

}  // namespace

void pair_frames(const std::vector<OpenSource>& sources, const RunSettings& settings, const std::string& sequence,
                 Log& log) {
  if (settings.pair == RunSettings::Pair::Names) {
    const std::vector<Numbered> found = numbered(sources);
    if (found.size() > 1) pair_by_number(found, settings, sequence, log);
  }
  report_lengths(sources, sequence, log);
  check_beginnings(sources, settings, sequence);
}

std::string of_sequence(const std::string& sequence) {
  return sequence.empty() ? "" : text(" of sequence \"", sequence, '"');
}

std::string lacks_text(const FlatNode& node, const std::vector<std::string>& lacking) {
  constexpr size_t kMost = 4;
  return lacking.empty() ? "" : text('"', node.path, "\" lacks ", quoted_list(lacking, "and", kMost));
}

Error short_beginning(const FlatNode& node, int64_t frames, int64_t wanted, const std::string& sequence) {
  return Error(Exit::Data, node.place,
               text("node \"", node.path, "\" has ", count_text(frames, "frame"), of_sequence(sequence),
                    ", but the graph reads the first ", wanted))
      .hint("add the missing ones: without them, nothing after them can be computed");
}

}  // namespace weft::run
