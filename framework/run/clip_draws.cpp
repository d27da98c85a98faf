#include "framework/run/clip_draws.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/frame_number.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace weft::run {
namespace {

using graph::FlatNode;
using Names = std::vector<std::string>;

Names texts_of(const std::vector<int64_t>& numbers) {
  Names texts;
  for (const int64_t number : numbers) texts.push_back(text(number));
  return texts;
}

/// What pairs the frames of two sources; nothing where they are paired by their places.
std::optional<std::pair<Names, Names>> keys_of(const Names& a, const Names& b) {
  const std::vector<int64_t> of_a = data::rising_numbers(a), of_b = data::rising_numbers(b);
  if (!of_a.empty() && !of_b.empty()) return std::pair{texts_of(of_a), texts_of(of_b)};
  const std::set<std::string> known(a.begin(), a.end());
  const bool are_alike = std::any_of(b.begin(), b.end(), [&](const std::string& name) { return known.contains(name); });
  return are_alike ? std::optional(std::pair{a, b}) : std::nullopt;
}

/// What a source with these keys lacks of the other's frames.
std::string lacks_text(const FlatNode& node, const Names& keys, const Names& other_keys, const Names& other_names) {
  const std::set<std::string> own(keys.begin(), keys.end());
  Names lacking;
  for (size_t i = 0; i < other_keys.size(); ++i) {
    if (!own.contains(other_keys[i])) lacking.push_back(other_names[i]);
  }
  return run::lacks_text(node, lacking);
}

std::string of_sequence(const ClipSource& source, size_t number) {
  return run::of_sequence(number < source.sequences.size() ? source.sequences[number] : "");
}

constexpr auto kAddThem =
    "add them, also where nobody is to be seen, or remove their partners: training draws clips at random from the "
    "frames "
    "that a source has, so run.missing does not help";

void check_sequence(const ClipSource& first, const ClipSource& other, size_t number, graph::RunSettings::Pair pair) {
  const Names &a = first.frames[number], &b = other.frames[number];
  const auto keys = pair == graph::RunSettings::Pair::Names ? keys_of(a, b) : std::nullopt;
  if (keys) {
    const std::string lacks = lacks_text(*first.description, keys->first, keys->second, b),
                      other_lacks = lacks_text(*other.description, keys->second, keys->first, a);
    if (lacks.empty() && other_lacks.empty()) return;
    Error error(Exit::Data, (lacks.empty() ? other : first).description->place,
                text("frames", of_sequence(first, number), " have no partner: ", lacks,
                     lacks.empty() || other_lacks.empty() ? "" : "; ", other_lacks));
    error.hint(kAddThem);
    if (a.size() == b.size()) error.hint(kPairByPosition);
    throw error;
  }
  if (a.size() == b.size()) return;
  throw Error(Exit::Data, other.description->place,
              text("node \"", other.description->path, "\" has ", count_text(static_cast<int64_t>(b.size()), "frame"),
                   of_sequence(first, number), ", but \"", first.description->path, "\" has ", a.size()))
      .hint(kAddThem);
}

std::string value_text(const ParamValues& params, const std::string& name) {
  const auto value = params.find(name);
  return value == params.end() ? "not set" : toml_text(value->second);
}

void check_alike(const FlatNode& node, const FlatNode& other, const std::vector<std::string>& names) {
  const ParamValues own = node.all_params(), wanted = other.all_params();
  for (const std::string& name : names) {
    const std::string value = value_text(own, name), of_other = value_text(wanted, name);
    if (value == of_other) continue;
    throw Error(Exit::Graph, node.place,
                text("node \"", node.path, "\" draws examples of other clips than those of \"", other.path, "\": `",
                     name, "` is ", value, ", but there ", of_other))
        .hint(text("give both the same ", quoted_list(names, "and")));
  }
}

}  // namespace

void check_examples(const FlatNode* clip, const std::vector<const FlatNode*>& examples) {
  std::map<std::string, const FlatNode*> first;  // by the number of the example
  for (const FlatNode* example : examples) {
    if (clip) check_alike(*example, *clip, {"length", "stride", "clips"});
    const auto [known, is_new] = first.emplace(value_text(example->all_params(), "example"), example);
    if (!is_new) check_alike(*example, *known->second, {"length", "stride", "clips", "apart"});
  }
}

void check_frames_to_draw(const std::vector<ClipSource>& sources, graph::RunSettings::Pair pair) {
  for (size_t other = 1; other < sources.size(); ++other) {
    const size_t count = std::min(sources[0].frames.size(), sources[other].frames.size());
    for (size_t number = 0; number < count; ++number) check_sequence(sources[0], sources[other], number, pair);
  }
}

void check_same_clip(const std::vector<OpenSource>& sources) {
  for (size_t other = 1; other < sources.size(); ++other) {
    const OpenSource &a = sources[0], &b = sources[other];
    const Names of_a = a.node->frame_names(), of_b = b.node->frame_names();
    const auto keys = keys_of(of_a, of_b);
    // The folders of single sequences may be called what they like.
    const bool has_several = b.node->sequences().value_or(Names()).size() > 1;
    const bool is_same_sequence = !has_several || a.sequence == b.sequence;
    if (is_same_sequence && of_a.size() == of_b.size() && (!keys || keys->first == keys->second)) continue;
    const FlatNode& node = *b.description;
    throw Error(Exit::Graph, node.place,
                text("node \"", node.path, "\" draws other clips than \"", a.description->path,
                     "\", though both have the same frames"))
        .hint("give both the same `length`, `stride` and `clips`");
  }
}

}  // namespace weft::run
