#include "framework/run/sequences.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/frame_pairs.h"
#include "framework/run/node_failure.h"

#include <algorithm>
#include <utility>

namespace weft::run {

using graph::FlatNode;

Sequences::Sequences(std::vector<Source> sources, const graph::RunSettings& settings, size_t batch,
                     std::function<Context(const FlatNode&)> make_context)
    : sources_(std::move(sources)),
      settings_(settings),
      batch_(batch),
      make_context_(std::move(make_context)),
      positions_(sources_.size(), std::vector<size_t>(batch)) {}

Node& Sequences::node_of(Source& source, size_t row) const {
  return source.rows ? source.rows->at(row) : *source.node;
}

const std::optional<std::vector<std::string>>& Sequences::names() {
  if (!names_) names_ = find_names();
  return *names_;
}

std::optional<std::vector<std::string>> Sequences::find_names() {
  const Source* first = nullptr;
  std::optional<std::vector<std::string>> names;
  for (Source& source : sources_) {
    std::optional<std::vector<std::string>> own;
    try {
      own = node_of(source, 0).sequences();
    } catch (...) {
      throw node_failure(std::current_exception(), *source.description, 0, "");
    }
    if (!own || (source.is_still && own->size() == 1)) continue;
    if (!names) {
      first = &source;
      names = std::move(own);
      continue;
    }
    const FlatNode &a = *first->description, &b = *source.description;
    if (own->size() != names->size()) {
      throw Error(Exit::Data, b.place,
                  text("node \"", b.path, "\" has ", count_text(static_cast<int64_t>(own->size()), "sequence"),
                       ", but \"", a.path, "\" has ", names->size()));
    }
    // The folders of single sequences may be called what they like.
    const auto differs = std::mismatch(own->begin(), own->end(), names->begin());
    if (own->size() == 1 || differs.first == own->end()) continue;
    throw Error(Exit::Data, b.place,
                text("node \"", b.path, "\" has the sequence \"", *differs.first, "\" where \"", a.path, "\" has \"",
                     *differs.second, '"'))
        .hint("sequences are matched in natural order; give matching sequences the same name");
  }
  return names;
}

/// Goes on to the next sequence of one node.
std::optional<std::string> Sequences::open_next(Source& source, size_t row) {
  size_t& position = positions_[static_cast<size_t>(&source - sources_.data())][row];
  Context context = make_context_(*source.description);
  Node& node = node_of(source, row);
  std::optional<std::string> name;
  try {
    while (position < index_ && !source.is_still && node.skip_sequence(context)) ++position;
    name = position < index_ && !source.is_still ? std::nullopt : node.next_sequence(context);
    // Still sources may have fewer; the rows behind the first begin late.
    while (source.is_still && name && ++position <= index_) {
      const auto later = node.next_sequence(context);
      if (!later) break;
      name = later;
    }
  } catch (...) {
    throw node_failure(std::current_exception(), *source.description, 0, "");
  }
  if (name && !source.is_still) ++position;
  return name;
}

/// What a source knows of the sequence that it has opened.
void Sequences::add_facts(Node& source, Row& opened) {
  auto names = opened.frame_names ? std::vector<std::string>() : source.frame_names();
  if (!names.empty()) opened.frame_names = std::make_shared<const std::vector<std::string>>(std::move(names));
  auto recording = source.recording();
  if (!recording) return;
  if (!opened.recording) {
    opened.recording = std::move(recording);
  } else if (!recording->sound_file.empty()) {
    // Of the sound of several sources nobody says which one is meant.
    opened.recording->sound_file.clear();
  }
}

/// Opens sequence index_ in a row of all sources. @returns false when there is none
bool Sequences::open(size_t row, Row& opened) {
  const FlatNode *longer = nullptr, *shorter = nullptr;
  std::vector<OpenSource> open_sources;
  for (Source& source : sources_) {
    const auto name = open_next(source, row);
    // What is still needs no sequences of its own: its last value serves all further ones.
    const size_t position = positions_[static_cast<size_t>(&source - sources_.data())][row];
    const bool serves_on = source.is_still && position > 0 && (!name || position <= index_);
    if (!serves_on && name && opened.name.empty()) opened.name = *name;
    if (!serves_on) (name ? longer : shorter) = source.description;
    auto* node = name ? dynamic_cast<PairedSource*>(&node_of(source, row)) : nullptr;
    if (node) open_sources.push_back({source.description, node, source.need});
  }
  if (longer && shorter) {
    throw Error(Exit::Data, shorter->place,
                text("node \"", shorter->path, "\" has ", count_text(static_cast<int64_t>(index_), "sequence"),
                     ", but \"", longer->path, "\" has more"));
  }
  if (!open_sources.empty()) {
    const Context context = make_context_(*open_sources.front().description);
    pair_frames(open_sources, settings_, opened.name, context.log());
  }
  for (const OpenSource& source : open_sources) add_facts(*source.node, opened);
  opened.index = index_;
  return longer != nullptr;
}

/// Of the row's sequence, in each source that does not stand still.
std::vector<std::optional<int64_t>> Sequences::lengths(size_t row) {
  std::vector<std::optional<int64_t>> lengths;
  for (Source& source : sources_) {
    if (!source.is_still) lengths.push_back(node_of(source, row).frames());
  }
  return lengths;
}

void Sequences::pass_over(const std::function<bool(const std::string&)>& is_done) {
  const auto& known = names();
  for (; known && index_ < known->size() && is_done((*known)[index_]); ++index_) ++passed_over_;
}

/// The next sequence that is not done, opened in a row.
std::optional<Row> Sequences::open_one(size_t place, const std::function<bool(const std::string&)>& is_done) {
  if (waiting_) {
    // Its nodes become those of row 0.
    for (size_t i = 0; i < sources_.size(); ++i) {
      const auto to = static_cast<std::ptrdiff_t>(waiting_place_);
      if (sources_[i].rows) sources_[i].rows->rotate(waiting_place_);
      std::rotate(positions_[i].begin(), positions_[i].begin() + to, positions_[i].end());
    }
    return std::exchange(waiting_, {});
  }
  for (;;) {
    pass_over(is_done);
    Row row;
    if (!open(place, row)) return {};
    ++index_;
    if (!is_done(row.name)) return row;
    ++passed_over_;
  }
}

std::vector<Row> Sequences::next(const std::function<bool(const std::string&)>& is_done) {
  std::vector<Row> rows;
  std::vector<std::optional<int64_t>> common;
  bool is_known = true;
  while (rows.size() < batch_ && is_known) {
    const size_t place = rows.size();
    std::optional<Row> row = open_one(place, is_done);
    if (!row) break;
    const auto own = lengths(place);
    is_known = std::all_of(own.begin(), own.end(), [](const auto& length) { return length.has_value(); });
    if (place > 0 && (own != common || !is_known)) {
      waiting_ = std::move(row);
      waiting_place_ = place;
      break;
    }
    common = own;
    rows.push_back(std::move(*row));
  }
  return rows;
}

}  // namespace weft::run
