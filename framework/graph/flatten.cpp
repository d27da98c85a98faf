#include "framework/graph/flattener.h"
#include "framework/graph/interval.h"
#include "framework/graph/settings.h"

#include <algorithm>

namespace weft::graph {

FlatGraph Flattener::run(const Document& document, const std::vector<Overlay>& overlays) {
  Item root = document.root;
  Given given;
  for (const Overlay& overlay : overlays) {
    merge(root, overlay.root);
    given.insert(given.end(), overlay.params.begin(), overlay.params.end());
    add_overlay(overlay, "", false);
  }
  read_run(root);
  const int top = declare_part(document, root, "", given, root.place, "the graph");
  define_part(parts_[static_cast<size_t>(top)]);
  for (const StreamDeclaration& output : parts_.front().file.outputs) {
    flat_.outputs.push_back(parts_.front().outputs.at(output.name));
  }
  read_weights(parts_.front(), root);
  read_updates(parts_.front(), root);
  report_unused();
  return std::move(flat_);
}

void Flattener::add_overlay(const Overlay& overlay, const std::string& prefix, bool comes_first) {
  // Overlays of inner files come before those of the files that use them, which have the last word.
  std::deque<ActiveChange> added;
  for (const NodeChange& change : overlay.nodes) {
    added.push_back({change, overlay.name});
    added.back().change.pattern = inside(prefix, change.pattern);
  }
  changes_.insert(comes_first ? changes_.begin() : changes_.end(), added.begin(), added.end());
  for (const PathPattern& pattern : overlay.without) {
    patterns_.push_back({{inside(prefix, pattern.pattern), pattern.place}, "without"});
  }
  for (const PathPattern& pattern : overlay.bypass) {
    patterns_.push_back({{inside(prefix, pattern.pattern), pattern.place}, "bypass"});
  }
}

bool Flattener::matches_any(std::vector<ActivePattern>& patterns, std::string_view key, const std::string& path) {
  bool is_matched = false;
  for (ActivePattern& active : patterns) {
    if (active.key != key || !path_matches(path, active.pattern.pattern)) continue;
    active.is_used = is_matched = true;
  }
  return is_matched;
}

/// An item with `$name` put in: alone, or in a list. `$$` begins a text that begins with a dollar sign.
Item Flattener::value_of(Part& part, const Item& item) {
  if (item.is(Item::Type::Array)) {
    Item list = item;
    for (Item& element : list.items) element = value_of(part, element);
    return list;
  }
  if (!item.is_text() || !item.text.starts_with('$')) return item;
  const std::string name = item.text.substr(1);
  if (name.starts_with('$')) return Item::of_text(name, item.place);
  if (name.starts_with("run.")) {
    const auto setting = flat_.run.find(name.substr(4));
    if (setting != flat_.run.end()) return Item::of_value(setting->second, item.place);
    diagnostics_.error("E208", item.place, text("`", item.text, "` is no setting of [run], or has no value"));
    return Item::of_value(ParamValue(int64_t{1}), item.place);
  }
  const auto found = part.params.find(name);
  if (found != part.params.end()) return found->second;
  diagnostics_.error("E208", item.place, text("there is no parameter `", name, "` in this file"), [&] {
    const std::string meant = did_you_mean(name, part.file.param_names());
    const bool is_name = name_fault(name).empty() && std::getenv(name.c_str()) == nullptr;
    return is_name || !meant.empty() ? meant
                                     : "`$` begins a parameter of this file, not a variable of the environment; `$$` "
                                       "is a dollar sign";
  });
  return Item::of_value(ParamValue(int64_t{1}), item.place);
}

void Flattener::read_run(const Item& root) {
  const Item* table = root.find("run");
  Item resolved = table ? *table : Item::table({});
  // [run] is read before the parameters are bound, since they may refer to it; what it refers to are their defaults.
  const Item* params = root.find("params");
  for (Item::Entry& entry : resolved.entries) {
    if (!entry.value.is_text() || !entry.value.text.starts_with('$')) continue;
    const Item* value = params ? params->find(entry.value.text.substr(1)) : nullptr;
    if (value && value->is_table()) value = value->find("default");
    if (value) entry.value = *value;
  }
  const SettingsReading reading = read_settings(
      run_settings(), table ? &resolved : nullptr, "[run]", [](const std::string&) { return false; }, diagnostics_);
  flat_.run = reading.values;
  flat_.run_places = reading.places;
  std::string fault;
  if (!Interval::parse(std::get<std::string>(flat_.run.at("checkpoint")), fault))
    diagnostics_.error("E206", flat_.run_places.at("checkpoint"), text("[run]: `checkpoint` ", fault));
}

/// Of nodes and uses of graph files.
std::vector<std::string> Flattener::all_paths() const {
  std::vector<std::string> paths;
  for (const FlatNode& node : flat_.nodes) paths.push_back(node.path);
  for (const Instance& instance : flat_.instances) paths.push_back(instance.path);
  return paths;
}

void Flattener::report_unused() {
  for (const ActiveChange& active : changes_) {
    if (active.is_used) continue;
    const std::string owner = active.owner.starts_with("--set") ? active.owner + ": " : "";
    diagnostics_.error("E701", active.change.place, text(owner, "no node has the path \"", active.change.pattern, '"'),
                       [&] { return did_you_mean(active.change.pattern, all_paths()); });
  }
  for (const ActivePattern& active : patterns_) {
    if (!active.is_used)
      diagnostics_.error("E701", active.pattern.place,
                         text('`', active.key, "`: no node has the path \"", active.pattern.pattern, '"'));
  }
  // A bypassed node is an expression: its input that passes through.
  for (const int index : bypassed_) {
    FlatNode& node = flat_.nodes[static_cast<size_t>(index)];
    std::vector<int> streams;
    for (const PortSpec& output : node.spec->outputs) {
      const PortSpec* input = node.spec->find_input(node.spec->passes.at(output.name));
      const FlatInput& passed = node.inputs[static_cast<size_t>(input - node.spec->inputs.data())];
      FlatStream stream;
      stream.path = node.path;
      stream.place = node.place;
      if (passed.is_wired()) stream.definition = passed.sources.front();
      flat_.streams.push_back(std::move(stream));
      streams.push_back(static_cast<int>(flat_.streams.size()) - 1);
    }
    const auto redirect = [&](FlatTerm& term) {
      if (term.source != FlatTerm::Source::Output || term.index != index) return;
      term.source = FlatTerm::Source::Stream;
      term.index = streams[static_cast<size_t>(term.output)];
      term.output = -1;
    };
    for (FlatStream& stream : flat_.streams)
      std::for_each(stream.definition.terms.begin(), stream.definition.terms.end(), redirect);
    for (FlatNode& other : flat_.nodes) {
      for (FlatInput& input : other.inputs) {
        for (FlatExpression& source : input.sources) std::for_each(source.terms.begin(), source.terms.end(), redirect);
      }
    }
  }
}

FlatGraph flatten(Library& library, const Document& document, const std::vector<Overlay>& overlays,
                  const NodeCatalogue& catalogue, Diagnostics& diagnostics) {
  return Flattener(library, catalogue, diagnostics).run(document, overlays);
}

}  // namespace weft::graph
