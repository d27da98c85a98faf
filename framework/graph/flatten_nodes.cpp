#include "framework/graph/flattener.h"
#include "framework/graph/settings.h"

#include <algorithm>

namespace weft::graph {
namespace {

constexpr size_t kDeepestNesting = 32;

/// Of nodes, streams and uses of graph files together. Real graphs have a few hundred; files that use each other many
/// times over would otherwise grow without end.
constexpr size_t kLargestGraph = 4000;

bool is_graph_file(const std::string& use) {
  return use.ends_with(".toml") || use.find('/') != std::string::npos;
}

}  // namespace

int Flattener::declare_part(const Document& document, const Item& root, const std::string& path, const Given& given,
                            const Place& place, const std::string& owner) {
  stack_.push_back(document.file);
  parts_.emplace_back();
  const int index = static_cast<int>(parts_.size()) - 1;
  Part& part = parts_.back();
  part.document = &document;
  part.path = path;
  part.file = read_graph_file(root, document.file, diagnostics_);
  part.instance = static_cast<int>(flat_.instances.size());
  for (const Overlay& overlay : document.overlays) add_overlay(overlay, path, true);
  bind_params(part, given, place, owner);
  flat_.instances.push_back({path, document.file, part.file.about, place, part.params});
  declare_streams(part);
  declare_nodes(part, root);
  stack_.pop_back();
  return index;
}

/// The parameter that was meant, or what there is.
std::string Flattener::near_params(const std::string& name, const std::vector<std::string>& all) {
  const std::string meant = did_you_mean(name, all);
  if (!meant.empty()) return meant;
  return all.empty() ? "it has no parameters" : text("its parameters are ", join(all));
}

void Flattener::bind_params(Part& part, const Given& given, const Place& place, const std::string& owner) {
  for (const ParamDeclaration& param : part.file.params) {
    if (param.initial) part.params[param.spec.name] = *param.initial;
  }
  const std::string context = diagnostics_.set_context("");  // what is given stands where the part is used
  std::map<std::string_view, const ParamDeclaration*> declared;
  for (const ParamDeclaration& param : part.file.params) declared.emplace(param.spec.name, &param);
  for (const auto& [name, key_place, value] : given) {
    const auto found = declared.find(name);
    const ParamDeclaration* param = found == declared.end() ? nullptr : found->second;
    if (!param) {
      diagnostics_.error("E204", key_place,
                         text(owner, ": ", file_name(part.file.file), " has no parameter \"", name, '"'),
                         [&, &wanted = name] { return near_params(wanted, part.file.param_names()); });
      continue;
    }
    Item accepted = value;
    if (param->has_type) {
      const auto converted = read_param_value(param->spec, value, value.place, owner, diagnostics_);
      if (!converted) continue;
      accepted = Item::of_value(*converted, value.place);
    }
    part.params[name] = accepted;
  }
  diagnostics_.set_context(context);
  for (const ParamDeclaration& param : part.file.params) {
    if (part.params.contains(param.spec.name)) {
      if (!param.has_type || !param.initial) continue;
      const std::string fault = range_fault(param.spec, *param.initial->param_value());
      if (!fault.empty())
        diagnostics_.error("E206", param.initial->place, text("the default of `", param.spec.name, "` ", fault));
      continue;
    }
    diagnostics_.error(
        "E207", place,
        text(owner, ": the parameter `", param.spec.name, "` of ", file_name(part.file.file), " must be given"),
        text("write ", param.spec.name, " = …", param.spec.about.empty() ? "" : text("  (", param.spec.about, ')')));
    part.params[param.spec.name] = Item::of_value(ParamValue(int64_t{1}), param.place);
  }
}

/// Whether nothing more can be added; reported once, at the place where that begins.
bool Flattener::is_full(const Place& place) {
  if (flat_.nodes.size() + flat_.streams.size() + flat_.instances.size() < kLargestGraph) return false;
  if (is_full_reported_) return true;
  is_full_reported_ = true;
  diagnostics_.error("E110", place,
                     text("the graph has more than ", kLargestGraph, " nodes, streams and uses of graph files"),
                     "uses multiply: look for a file that uses another many times, which uses a third many times");
  return true;
}

void Flattener::declare_streams(Part& part) {
  const auto add = [&](const std::string& name, FlatStream::Role role, const Place& place) {
    FlatStream stream;
    stream.path = inside(part.path, name);
    stream.role = role;
    stream.place = stream.definition.place = place;
    stream.instance = part.instance;
    flat_.streams.push_back(std::move(stream));
    return static_cast<int>(flat_.streams.size()) - 1;
  };
  for (const InputDeclaration& input : part.file.inputs) {
    const int stream = add(input.port.name, FlatStream::Role::Input, input.place);
    flat_.streams.back().declared = input.port;
    flat_.streams.back().is_pushed = part.path.empty();
    part.inputs[input.port.name] = stream;
    part.names.emplace(input.port.name, Name{Name::Kind::Stream, stream});
  }
  for (const std::string& broken : part.file.broken_inputs) part.names.emplace(broken, Name{});
  for (const StreamDeclaration& declared : part.file.streams) {
    if (is_full(declared.place)) {
      part.names.emplace(declared.name, Name{});
      continue;
    }
    const int stream = add(declared.name, FlatStream::Role::Stream, declared.place);
    part.definitions.emplace_back(stream, &declared.reference);
    part.names.emplace(declared.name, Name{Name::Kind::Stream, stream});
  }
  for (const StreamDeclaration& declared : part.file.outputs) {
    const int stream = add(declared.name, FlatStream::Role::Output, declared.place);
    part.definitions.emplace_back(stream, &declared.reference);
    part.outputs[declared.name] = stream;
  }
}

void Flattener::declare_nodes(Part& part, const Item& root) {
  for (const char* section : {"run", "weights", "update", "stage", "variant", "grid"}) {
    const Item* item = part.path.empty() ? nullptr : root.find(section);
    if (item) {
      diagnostics_.error(
          "E106", item->place,
          text("[", section, "] belongs to the graph that is run, not to a graph that is used as a node"));
    }
  }
  const Item* nodes = root.find("node");
  if (!nodes) return;
  if (!nodes->is_table()) return diagnostics_.error("E106", nodes->place, "[node] must be a table of nodes");
  for (const auto& [name, place, table] : nodes->entries) {
    // A name with dots or stars changes nodes inside.
    if (name.find_first_of(".*") != std::string::npos) {
      changes_.push_front({{inside(part.path, name), place, table, false}, part.file.file});
    }
  }
  if (changes_.size() + patterns_.size() > kLargestGraph) {
    diagnostics_.error("E110", nodes->place, text("more than ", kLargestGraph, " changes to nodes by their paths"));
    changes_.clear();
    patterns_.clear();
  }
  for (const auto& [name, place, table] : nodes->entries) {
    if (name.find_first_of(".*") != std::string::npos) continue;
    if (is_full(place)) {
      part.names.emplace(name, Name{});
      continue;
    }
    const std::string path = inside(part.path, name);
    if (matches_any(patterns_, "without", path)) {
      part.names.emplace(name, Name{Name::Kind::Removed});
      removed_.push_back(path);
      continue;
    }
    if (!table.is_table()) {
      diagnostics_.error("E106", table.place, text("the node `", name, "` must be a table, not ", table.describe()));
      part.names.emplace(name, Name{});
      continue;
    }
    PendingNode node;
    bool is_swapped = false;
    node.declaration = read_node(name, place, changed_node(path, table, is_swapped), diagnostics_);
    node.declaration.is_swapped = is_swapped;
    node.is_bypassed = matches_any(patterns_, "bypass", path);
    node.name = declare_node(part, node, path);
    part.names.emplace(name, node.name);
    part.nodes.push_back(std::move(node));
  }
}

Item Flattener::changed_node(const std::string& path, const Item& table, bool& is_swapped) {
  Item changed = table;
  for (ActiveChange& active : changes_) {
    if (!path_matches(path, active.change.pattern)) continue;
    active.is_used = true;
    if (active.change.is_swap) {
      is_swapped = true;
      const std::set<std::string> kept = {"in", "about", "every", "multiple", "fold", "recompute"};
      std::erase_if(changed.entries, [&](const Item::Entry& entry) { return !kept.contains(entry.key); });
    }
    merge(changed, active.change.table);
  }
  return changed;
}

Name Flattener::declare_node(Part& part, PendingNode& node, const std::string& path) {
  const NodeDeclaration& declaration = node.declaration;
  if (declaration.share && declaration.use) {
    diagnostics_.error("E608", declaration.share->place, text("node \"", path, "\": give `use` or `share`, not both"));
    return {};
  }
  if (declaration.share) return declare_shared(part, node, path);
  if (!declaration.use) {
    diagnostics_.error("E106", declaration.place, text("node \"", path, "\": `use` is missing"),
                       "it names a node type such as \"flow.warp\" or a graph file such as \"./scale.toml\"");
    return {};
  }
  const Item use = value_of(part, *declaration.use);
  if (!use.is_text()) {
    diagnostics_.error("E106", use.place, text("node \"", path, "\": `use` must be a text, not ", use.describe()));
    return {};
  }
  return is_graph_file(use.text) ? declare_of_file(part, node, path, use) : declare_of_type(part, node, path, use);
}

Name Flattener::declare_shared(Part& part, const PendingNode& node, const std::string& path) {
  const Item& share = *node.declaration.share;
  const auto first = share.is_text() ? part.names.find(share.text) : part.names.end();
  if (first == part.names.end() || first->second.kind != Name::Kind::Node) {
    // The shared node may stand further down in the file.
    const auto later = std::find_if(part.nodes.begin(), part.nodes.end(),
                                    [&](const PendingNode& other) { return other.declaration.name == share.text; });
    if (first != part.names.end() && first->second.kind == Name::Kind::Broken && later != part.nodes.end()) return {};
    diagnostics_.error(
        "E608", share.place,
        text("node \"", path, "\": `share` must name a node that stands above it in this file, not ", share.toml()),
        [&] {
          std::vector<std::string> names;
          for (const auto& [name, meaning] : part.names) {
            if (meaning.kind == Name::Kind::Node) names.push_back(name);
          }
          return did_you_mean(share.text, names);
        });
    return {};
  }
  const int shared = first->second.index;
  const FlatNode& original = flat_.nodes[static_cast<size_t>(shared)];
  if (!original.spec->is_trainable || original.spec->has_state) {
    diagnostics_.error("E608", share.place,
                       text("node \"", path, "\": only a network without state can be called twice; ",
                            original.spec->type, original.spec->has_state ? " has state" : " has no weights"));
    return {};
  }
  for (const Item::Entry& param : node.declaration.params) {
    diagnostics_.error(
        "E608", param.place,
        text("node \"", path, "\": a second call has the parameters of \"", share.text, "\"; only `in` may differ"));
  }
  FlatNode second;
  second.path = path;
  second.place = node.declaration.place;
  second.use_place = share.place;
  second.spec = original.spec;
  second.params = original.params;
  second.shares = original.shares >= 0 ? original.shares : shared;
  second.inputs.resize(original.spec->inputs.size());
  read_timing(part, node.declaration, second);
  flat_.nodes.push_back(std::move(second));
  return {Name::Kind::Node, static_cast<int>(flat_.nodes.size()) - 1};
}

Name Flattener::declare_of_type(Part& part, PendingNode& node, const std::string& path, const Item& use) {
  const NodeSpec* spec = catalogue_.find(use.text);
  if (!spec) {
    const std::string family = use.text.substr(0, use.text.find('.'));
    const std::string refusal = catalogue_.refusal(family);
    if (!refusal.empty()) {
      diagnostics_.error("E202", use.place,
                         text("node \"", path, "\": the plugin of \"", use.text, "\" was refused: ", refusal),
                         "`weft nodes --refused` lists all that were refused");
    } else {
      diagnostics_.error("E201", use.place, text("node \"", path, "\": there is no node type \"", use.text, '"'),
                         [&] { return near_types(use.text); });
    }
    return {};
  }
  FlatNode flat;
  flat.path = path;
  flat.place = node.declaration.place;
  flat.use_place = use.place;
  flat.spec = spec;
  flat.inputs.resize(spec->inputs.size());
  read_node_params(part, node.declaration, flat);
  read_timing(part, node.declaration, flat);
  flat_.nodes.push_back(std::move(flat));
  return {Name::Kind::Node, static_cast<int>(flat_.nodes.size()) - 1};
}

/// The type that was meant, or what there is.
std::string Flattener::near_types(const std::string& type) const {
  const std::vector<std::string> types = catalogue_.types();
  const std::string meant = did_you_mean(type, types);
  if (!meant.empty()) return meant;
  const std::string family = type.find('.') == std::string::npos ? "." : type.substr(0, type.find('.') + 1);
  std::vector<std::string> of_family;
  std::set<std::string> families;
  for (const std::string& one : types) {
    families.insert(one.substr(0, one.find('.')));
    if (one.starts_with(family)) of_family.push_back(one);
  }
  if (!of_family.empty()) return text("there are ", join(of_family));
  if (catalogue_.has_refused()) return "a plugin was refused: `weft nodes --refused` says which, and why";
  return text("the families are ", join({families.begin(), families.end()}));
}

Name Flattener::declare_of_file(Part& part, PendingNode& node, const std::string& path, const Item& use) {
  const std::string file = resolve_path(use.text, use.place);
  const Document* document = nullptr;
  try {
    document = &library_.load(file);
  } catch (Error& error) {
    // A file that cannot be read is the fault of the line that names it; other faults have places of their own.
    const bool is_file = error.place().line == 0;
    const std::string owner = is_file ? text("node \"", path, "\": ", use.text, ": ") : "";
    diagnostics_.error(error.message().substr(6, 4), is_file ? use.place : error.place(),
                       owner + error.message().substr(12), join(error.hints(), "; "));
    return {};
  }
  if (std::find(stack_.begin(), stack_.end(), document->file) != stack_.end() || stack_.size() > kDeepestNesting) {
    diagnostics_.error("E104", use.place,
                       text("files that include each other: ", join(stack_, " -> "), " -> ", document->file));
    return {};
  }
  Given given;
  const Item* inner_nodes = document->root.find("node");
  for (const Item::Entry& entry : node.declaration.params) {
    const bool is_inner =
        entry.value.is_table() && inner_nodes && inner_nodes->is_table() && inner_nodes->find(entry.key);
    if (is_inner) {
      changes_.push_back({{inside(path, entry.key), entry.place, entry.value, false}, part.file.file});
    } else {
      given.push_back({entry.key, entry.place, value_of(part, entry.value)});
    }
  }
  for (const auto& [key, item] :
       {std::pair("every", node.declaration.every), std::pair("multiple", node.declaration.multiple),
        std::pair("fold", node.declaration.fold), std::pair("recompute", node.declaration.recompute)}) {
    if (item)
      diagnostics_.error(
          "E209", item->place,
          text("node \"", path, "\": `", key, "` is for nodes, not for graph files; set it inside ", use.text));
  }
  const std::string context = diagnostics_.set_context(text(path, ", used at ", node.declaration.place));
  const int index =
      declare_part(*document, document->root, path, given, node.declaration.place, text("node \"", path, '"'));
  diagnostics_.set_context(context);
  return {Name::Kind::Part, index};
}

void Flattener::read_node_params(Part& part, const NodeDeclaration& declaration, FlatNode& node) {
  const std::string owner = text("node \"", node.path, '"');
  for (const auto& [name, place, item] : declaration.params) {
    const ParamSpec* spec = node.spec->find_param(name);
    if (!spec) {
      const bool is_port = node.spec->find_input(name) != nullptr;
      diagnostics_.error("E204", place, text(owner, ": ", node.spec->type, " has no parameter \"", name, '"'),
                         [&, &wanted = name] {
                           return is_port ? text("to wire the input, write in.", wanted)
                                          : near_params(wanted, node.spec->param_names());
                         });
      continue;
    }
    const size_t faults = diagnostics_.all().size();
    const Item given = value_of(part, item);
    const bool is_known = diagnostics_.all().size() == faults;
    const auto value = is_known ? read_param_value(*spec, given, item.place, owner, diagnostics_) : std::nullopt;
    if (!value) {
      node.has_faults = true;
      continue;
    }
    node.params[name] = *value;
    node.param_places[name] = item.place;
  }
  for (const ParamSpec& spec : node.spec->params) {
    const bool was_given = std::any_of(declaration.params.begin(), declaration.params.end(),
                                       [&](const auto& entry) { return entry.key == spec.name; });
    if (spec.required && !was_given) {
      node.has_faults = true;
      diagnostics_.error("E207", declaration.place,
                         text(owner, ": the parameter `", spec.name, "` of ", node.spec->type, " must be given"),
                         text("write ", spec.name, " = …  (", spec.about, ')'));
    }
  }
}

void Flattener::read_timing(Part& part, const NodeDeclaration& declaration, FlatNode& node) {
  const auto read_count = [&](const std::optional<Item>& item, std::string_view key) -> int64_t {
    if (!item) return 1;
    const Item value = value_of(part, *item);
    if (value.is(Item::Type::Integer) && value.integer >= 1) return value.integer;
    diagnostics_.error("E205", item->place,
                       text("node \"", node.path, "\": `", key, "` must be an integer from 1, not ", value.toml()));
    return 1;
  };
  node.every = read_count(declaration.every, "every");
  node.multiple = read_count(declaration.multiple, "multiple");
  if (declaration.recompute) {
    const Item value = value_of(part, *declaration.recompute);
    if (!value.is(Item::Type::Boolean)) {
      diagnostics_.error("E205", declaration.recompute->place,
                         text("node \"", node.path, "\": `recompute` must be true or false, not ", value.toml()));
    } else if (value.boolean && (node.spec->has_state || !node.spec->is_trainable)) {
      diagnostics_.error("E210", declaration.recompute->place,
                         text("node \"", node.path, "\": only a network without state can be recomputed; ",
                              node.spec->type, node.spec->has_state ? " has state" : " has no weights"));
    }
    node.recomputes = value.boolean;
  }
  if (!declaration.fold) return;
  node.folds_chunk = declaration.fold->is_text() && declaration.fold->text == "chunk";
  if (!node.folds_chunk) {
    diagnostics_.error("E206", declaration.fold->place, text("node \"", node.path, "\": `fold` can only be \"chunk\""));
  } else if (node.spec->has_state || node.spec->is_source || node.spec->is_sink) {
    const char* why = node.spec->has_state ? "has state" : node.spec->is_source ? "is a source" : "is a writer";
    diagnostics_.error("E503", declaration.fold->place,
                       text("node \"", node.path, "\": it cannot fold a chunk, because it ", why));
  }
}

}  // namespace weft::graph
