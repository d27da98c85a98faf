#include "framework/run/source_group.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/timeline.h"
#include "framework/run/clip_draws.h"
#include "framework/run/frame_pairs.h"
#include "framework/run/node_failure.h"

#include <algorithm>
#include <utility>

namespace weft::run {

using graph::FlatNode;

SourceGroup::SourceGroup(const graph::Plan& plan, const NodeFactory& factory, size_t rows, Context context,
                         std::vector<SourceNeed> needs)
    : rows_(rows), steps_(plan.steps.size()), settings_(plan.graph.run), context_(std::move(context)) {
  for (const graph::Step& step : plan.steps) {
    const auto index = static_cast<size_t>(step.node);
    const FlatNode& node = plan.graph.nodes[index];
    is_pushed_ = is_pushed_ || node.role == graph::NodeRole::Pushed;
    if (!node.is_of_plugin() || !node.spec->is_source) continue;
    Member member;
    member.step = static_cast<int>(&step - plan.steps.data());
    member.is_still = step.is_still;
    member.description = &node;
    member.need = needs[index];
    member.positions.resize(rows);
    try {
      for (size_t row = 0; row < rows; ++row) {
        member.nodes.push_back(std::make_unique<PairedSource>(factory.make(node.spec->type), node.spec->outputs));
        member.nodes.back()->configure(node.params);
      }
    } catch (...) {
      throw making_failure(std::current_exception(), node);
    }
    members_.push_back(std::move(member));
  }
}

Context SourceGroup::context_of(const Member& member) const {
  Context context = context_;
  context.set_node(member.description->path);
  return context;
}

std::vector<Source*> SourceGroup::of_step(int step) const {
  std::vector<Source*> sources;
  for (const Member& member : members_) {
    if (member.step != step) continue;
    for (const auto& node : member.nodes) sources.push_back(node.get());
  }
  return sources;
}

std::optional<std::vector<std::string>> SourceGroup::names() {
  const FlatNode* first = nullptr;
  std::optional<std::vector<std::string>> names;
  for (const Member& member : members_) {
    const FlatNode& node = *member.description;
    std::optional<std::vector<std::string>> own;
    try {
      own = member.nodes.front()->sequences();
    } catch (...) {
      throw node_failure(std::current_exception(), node, 0, "");
    }
    if (!own || (member.is_still && own->size() == 1)) continue;
    if (!names) {
      first = &node;
      names = std::move(own);
      continue;
    }
    if (own->size() != names->size()) {
      throw Error(Exit::Data, node.place,
                  text("node \"", node.path, "\" has ", count_text(static_cast<int64_t>(own->size()), "sequence"),
                       ", but \"", first->path, "\" has ", names->size()));
    }
    // The folders of single sequences may be called what they like.
    const auto differs = std::mismatch(own->begin(), own->end(), names->begin());
    if (own->size() == 1 || differs.first == own->end()) continue;
    throw Error(Exit::Data, node.place,
                text("node \"", node.path, "\" has the sequence \"", *differs.first, "\" where \"", first->path,
                     "\" has \"", *differs.second, '"'))
        .hint("sequences are matched in natural order; give matching sequences the same name");
  }
  return names;
}

/// Before the first clip of a training: finds the sources that draw clips at random, and checks that they draw the same ones.
void SourceGroup::find_clips() {
  std::vector<ClipSource> sources;
  std::vector<const FlatNode*> examples;
  const FlatNode* clip = nullptr;
  for (Member& member : members_) {
    Source& node = *member.nodes.front();
    try {
      ClipSource source{member.description, {}, node.drawn_from()};
      member.draws_clips = !source.frames.empty();
      if (!member.draws_clips) continue;
      source.sequences = node.sequences().value_or(std::vector<std::string>());
      const bool is_example = member.description->params.contains("example");
      if (is_example) examples.push_back(member.description);
      if (!is_example && member.need.is_side_by_side && !clip) clip = member.description;
      // What is read at the beginning alone, of a single sequence, may be something else, such as a picture of a style.
      if (member.need.is_side_by_side || is_example || source.frames.size() > 1) sources.push_back(std::move(source));
    } catch (...) {
      throw node_failure(std::current_exception(), *member.description, 0, "");
    }
  }
  if (sources.empty()) return;
  names();
  for (const Member& member : members_) {
    if (!member.draws_clips) check_order(member, *sources.front().description);
  }
  check_frames_to_draw(sources, settings_.pair);
  check_examples(clip, examples);
}

/// Clips are drawn in random order, so that a source with several sequences must draw them too.
void SourceGroup::check_order(const Member& member, const FlatNode& drawing) {
  const auto sequences = member.nodes.front()->sequences();
  if (!sequences || sequences->size() < 2) return;
  const FlatNode& node = *member.description;
  throw Error(Exit::Graph, node.place,
              text("node \"", node.path, "\" gives its sequences one after the other, but \"", drawing.path,
                   "\" draws clips at random"))
      .hint("give it the same `length`, `stride` and `clips`; `length = 0` draws whole sequences");
}

/// Goes on to a sequence in one source. @returns nothing when it has none of its own
std::optional<std::string> SourceGroup::open(Member& member, size_t row, size_t index) {
  size_t& position = member.positions[row];
  Source& node = *member.nodes[row];
  Context context = context_of(member);
  std::optional<std::string> name;
  try {
    if (!member.is_still) {
      while (position < index && node.skip_sequence(context)) ++position;
      name = position < index ? std::nullopt : node.next_sequence(context);
      if (name) ++position;
      return name;
    }
    // A static source may have fewer: it goes as far as it can.
    while (position <= index) {
      auto next = node.next_sequence(context);
      if (!next) break;
      name = std::move(next);
      ++position;
    }
  } catch (...) {
    throw node_failure(std::current_exception(), *member.description, 0, "");
  }
  return name;
}

std::optional<std::string> SourceGroup::open(size_t row, size_t index) {
  if (context_.is_training() && !std::exchange(has_clips_, true)) find_clips();
  std::optional<std::string> name;
  const Member *longer = nullptr, *shorter = nullptr;
  std::vector<OpenSource> open_sources, clips;
  for (Member& member : members_) {
    const auto opened = open(member, row, index);
    // A static source that has given a value serves all further sequences.
    const bool serves_on = member.is_still && member.positions[row] > 0 && member.positions[row] <= index;
    if (!serves_on) (opened ? longer : shorter) = &member;
    if (!serves_on && opened && (!name || name->empty())) name = opened;
    if (!opened) continue;
    open_sources.push_back({member.description, member.nodes[row].get(), member.need, *opened});
    if (member.draws_clips && member.need.is_side_by_side) clips.push_back(open_sources.back());
  }
  if (longer && shorter) {
    throw Error(Exit::Data, shorter->description->place,
                text("node \"", shorter->description->path, "\" has ",
                     count_text(static_cast<int64_t>(shorter->positions[row]), "sequence"), ", but \"",
                     longer->description->path, "\" has more"));
  }
  // Static sources fill the rows of a batch that the program gives.
  if (!longer && (!is_pushed_ || row == 0 || shorter)) return {};
  check_same_clip(clips);
  pair_frames(open_sources, settings_, name.value_or(""), context_.log());
  return name.value_or("");
}

void SourceGroup::add_facts(Row& row) const {
  for (const Member& member : members_) {
    Source& source = *member.nodes[row.place];
    auto names = row.frame_names ? std::vector<std::string>() : source.frame_names();
    if (!names.empty()) row.frame_names = std::make_shared<const std::vector<std::string>>(std::move(names));
    auto recording = source.recording();
    if (!recording) continue;
    if (!row.recording) {
      row.recording = std::move(recording);
    } else if (!recording->sound_file.empty()) {
      // Of the sound of several sources nobody says which one is meant.
      row.recording->sound_file.clear();
    }
  }
}

std::vector<int64_t> SourceGroup::lengths(const std::vector<Row>& rows) const {
  std::vector<int64_t> lengths(steps_, graph::Timeline::kUnknownLength);
  for (const Member& member : members_) {
    std::optional<int64_t> shortest;
    for (const Row& row : rows) {
      const int64_t frames = member.nodes[row.place]->frames().value_or(graph::Timeline::kUnknownLength);
      shortest = std::min(shortest.value_or(frames), frames);
    }
    if (shortest) lengths[static_cast<size_t>(member.step)] = *shortest;
  }
  return lengths;
}

std::vector<std::optional<int64_t>> SourceGroup::lengths(size_t row) const {
  std::vector<std::optional<int64_t>> lengths;
  for (const Member& member : members_) {
    if (!member.is_still) lengths.push_back(member.nodes[row]->frames());
  }
  return lengths;
}

}  // namespace weft::run
