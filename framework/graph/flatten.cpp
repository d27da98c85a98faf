#include "framework/graph/flatten.h"

#include "framework/base/text.h"
#include "framework/graph/interval.h"
#include "framework/graph/schedule.h"
#include "framework/graph/settings.h"

#include <algorithm>
#include <deque>
#include <set>

namespace weft::graph {
namespace {

constexpr int64_t kLongestDelay = 100'000;
constexpr size_t kDeepestNesting = 32;
/// Of nodes, streams and uses of graph files together. Real graphs have a few hundred; files that use each other many
/// times over would otherwise grow without end.
constexpr size_t kLargestGraph = 4000;

/// What a name means in one use of a file.
struct Name {
  enum class Kind {
    Stream,
    Node,
    Part,     ///< another graph file, used as a node
    Removed,  ///< taken out by `without`
    Broken,   ///< faulty; reported already
  };
  Kind kind = Kind::Broken;
  int index = -1;
};

struct PendingNode {
  NodeDeclaration declaration;
  Name name;
  bool is_bypassed = false;
};

/// One use of a graph file while it is put in.
struct Part {
  const Document* document = nullptr;
  GraphFile file;
  std::string path;
  std::map<std::string, Item> params;
  std::map<std::string, Name> names;
  std::map<std::string, int> inputs;                          ///< streams
  std::map<std::string, int> outputs;                         ///< streams
  std::vector<std::pair<int, const Reference*>> definitions;  ///< streams with what they stand for
  std::vector<PendingNode> nodes;
  int instance = 0;
};

struct ActiveChange {
  NodeChange change;
  std::string owner;  ///< of the overlay, for messages
  bool is_used = false;
};
struct ActivePattern {
  PathPattern pattern;
  std::string_view key;  ///< without, bypass
  bool is_used = false;
};

std::string inside(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : text(path, '.', name);
}

bool is_graph_file(const std::string& use) {
  return use.ends_with(".toml") || use.find('/') != std::string::npos;
}

std::string file_name(const std::string& file) {
  return file.substr(file.rfind('/') + 1);
}

class Flattener {
 public:
  Flattener(Library& library, const NodeCatalogue& catalogue, Diagnostics& diagnostics)
      : library_(library), catalogue_(catalogue), diagnostics_(diagnostics) {}

  FlatGraph run(const Document& document, const std::vector<Overlay>& overlays);

 private:
  using Given = std::vector<Item::Entry>;

  // Declaring: names, types and parameters.
  int declare_part(const Document& document, const Item& root, const std::string& path, const Given& given,
                   const Place& place, const std::string& owner);
  void bind_params(Part& part, const Given& given, const Place& place, const std::string& owner);
  bool is_full(const Place& place);
  void declare_streams(Part& part);
  void declare_nodes(Part& part, const Item& root);
  Item changed_node(const std::string& path, const Item& table, bool& is_swapped);
  Name declare_node(Part& part, PendingNode& node, const std::string& path);
  Name declare_shared(Part& part, const PendingNode& node, const std::string& path);
  Name declare_of_type(Part& part, PendingNode& node, const std::string& path, const Item& use);
  Name declare_of_file(Part& part, PendingNode& node, const std::string& path, const Item& use);
  void read_node_params(Part& part, const NodeDeclaration& declaration, FlatNode& node);
  void read_timing(Part& part, const NodeDeclaration& declaration, FlatNode& node);
  void add_overlay(const Overlay& overlay, const std::string& prefix, bool comes_first);
  bool matches_any(std::vector<ActivePattern>& patterns, std::string_view key, const std::string& path);

  // Defining: expressions.
  void define_part(Part& part);
  void define_wires(Part& part, PendingNode& node);
  void wire_type(Part& part, const PendingNode& node, FlatNode& flat);
  void wire_file(Part& part, const PendingNode& node, Part& inner);
  void bypass(const PendingNode& node, FlatNode& flat);
  std::string port_of(const WireDeclaration& wire, const std::vector<std::string>& all,
                      const std::vector<std::string>& needed, const std::string& owner);
  FlatExpression resolve(Part& part, const Reference& reference);
  bool resolve_term(Part& part, const Reference& reference, const Term& term, FlatTerm& flat);
  bool resolve_output(Part& part, const Reference& reference, const Term& term, FlatTerm& flat);
  void resolve_window(Part& part, const Reference& reference, const Term& term, FlatTerm& flat);
  std::optional<int64_t> value_of(Part& part, const Reference& reference, const Bound& bound);
  Item value_of(Part& part, const Item& item);

  // The settings of the graph that is run.
  void read_run(const Item& root);
  void read_weights(Part& part, const Item& root);
  std::optional<WeightSource> read_weight(Part& part, const std::string& path, const Place& place, const Item& item);
  void read_updates(Part& part, const Item& root);
  void read_losses(Part& part, const Item* losses, Update& update);
  std::vector<int> trainable_nodes(const std::string& pattern) const;
  bool is_removed(const std::string& pattern) const;
  std::string near_types(const std::string& type) const;
  void report_unused();

  Library& library_;
  const NodeCatalogue& catalogue_;
  Diagnostics& diagnostics_;
  FlatGraph flat_;
  std::deque<Part> parts_;
  std::vector<std::string> stack_;  ///< files being put in, to find those that hold themselves
  std::deque<ActiveChange> changes_;
  std::vector<ActivePattern> patterns_;
  std::vector<std::string> removed_;
  std::set<int> bypassed_;
  bool is_full_reported_ = false;
};

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

void Flattener::bind_params(Part& part, const Given& given, const Place& place, const std::string& owner) {
  for (const ParamDeclaration& param : part.file.params) {
    if (param.initial) part.params[param.spec.name] = *param.initial;
  }
  const std::string context = diagnostics_.set_context("");  // what is given stands where the part is used
  for (const auto& [name, key_place, value] : given) {
    const ParamDeclaration* param = part.file.find_param(name);
    if (!param) {
      std::string hint = did_you_mean(name, part.file.param_names());
      if (hint.empty()) {
        hint = part.file.params.empty() ? "it has no parameters"
                                        : text("its parameters are ", join(part.file.param_names()));
      }
      diagnostics_.error("E204", key_place,
                         text(owner, ": ", file_name(part.file.file), " has no parameter \"", name, '"'), hint);
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
                     "does a file use another many times, which does the same in turn?");
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
    std::vector<std::string> names;
    for (const auto& [name, meaning] : part.names) {
      if (meaning.kind == Name::Kind::Node) names.push_back(name);
    }
    diagnostics_.error(
        "E608", share.place,
        text("node \"", path, "\": `share` must name a node that stands above it in this file, not ", share.toml()),
        did_you_mean(share.text, names));
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
                         near_types(use.text));
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
  const std::string family = type.substr(0, type.find('.') + 1);
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
    // A file that is not there is the fault of the line that names it; other faults have places of their own.
    if (error.place().file.empty()) {
      const size_t at = error.message().find("E102: ");
      diagnostics_.error("E102", use.place,
                         text("node \"", path, "\": ", use.text, ": ",
                              at == std::string::npos ? error.message() : error.message().substr(at + 6)));
    } else {
      const std::string message = error.message().substr(error.message().find(':') + 2);
      diagnostics_.error(error.message().substr(6, 4), error.place(), message);
    }
    return {};
  }
  if (std::find(stack_.begin(), stack_.end(), document->file) != stack_.end() || stack_.size() > kDeepestNesting) {
    diagnostics_.error("E104", use.place,
                       text("files that hold each other: ", join(stack_, " -> "), " -> ", document->file));
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
  const std::string context = text(path, ", used at ", node.declaration.place);
  diagnostics_.set_context(context);
  const int index =
      declare_part(*document, document->root, path, given, node.declaration.place, text("node \"", path, '"'));
  diagnostics_.set_context("");
  return {Name::Kind::Part, index};
}

void Flattener::read_node_params(Part& part, const NodeDeclaration& declaration, FlatNode& node) {
  const std::string owner = text("node \"", node.path, '"');
  for (const auto& [name, place, item] : declaration.params) {
    const ParamSpec* spec = node.spec->find_param(name);
    if (!spec) {
      const bool is_port = node.spec->find_input(name) != nullptr;
      std::string hint =
          is_port ? text("to wire the input, write in.", name) : did_you_mean(name, node.spec->param_names());
      if (hint.empty())
        hint = node.spec->params.empty() ? "it has no parameters"
                                         : text("its parameters are ", join(node.spec->param_names()));
      diagnostics_.error("E204", place, text(owner, ": ", node.spec->type, " has no parameter \"", name, '"'), hint);
      continue;
    }
    const auto value = read_param_value(*spec, value_of(part, item), item.place, owner, diagnostics_);
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
                         text("node \"", node.path, "\": only a network without state can be computed again; ",
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

void Flattener::define_part(Part& part) {
  if (!part.path.empty()) {
    diagnostics_.set_context(text(part.path, ", used at ", flat_.instances[static_cast<size_t>(part.instance)].place));
  }
  for (const auto& [stream, reference] : part.definitions) {
    FlatExpression definition = resolve(part, *reference);
    flat_.streams[static_cast<size_t>(stream)].definition = std::move(definition);
  }
  for (PendingNode& node : part.nodes) define_wires(part, node);
  diagnostics_.set_context("");
  for (const PendingNode& node : part.nodes) {
    if (node.name.kind == Name::Kind::Part) define_part(parts_[static_cast<size_t>(node.name.index)]);
  }
}

void Flattener::define_wires(Part& part, PendingNode& node) {
  if (node.name.kind == Name::Kind::Node) {
    FlatNode& flat = flat_.nodes[static_cast<size_t>(node.name.index)];
    wire_type(part, node, flat);
    if (node.is_bypassed) bypass(node, flat);
  } else if (node.name.kind == Name::Kind::Part) {
    wire_file(part, node, parts_[static_cast<size_t>(node.name.index)]);
  }
}

/// The port that a wire means; empty when there is none, which is reported.
std::string Flattener::port_of(const WireDeclaration& wire, const std::vector<std::string>& all,
                               const std::vector<std::string>& needed, const std::string& owner) {
  if (wire.port.empty()) {
    if (needed.size() == 1) return needed.front();
    if (all.size() == 1) return all.front();
    diagnostics_.error(
        "E305", wire.place,
        text(owner, all.empty() ? " has no inputs" : text(": `in =` is for one input, but there are ", join(all))),
        all.empty() ? "" : text("write in.", all.front(), " = …"));
    return {};
  }
  if (std::find(all.begin(), all.end(), wire.port) != all.end()) return wire.port;
  std::string hint = did_you_mean(wire.port, all);
  if (hint.empty()) hint = all.empty() ? "it has no inputs" : text("its inputs are ", join(all));
  diagnostics_.error("E203", wire.place, text(owner, " has no input \"", wire.port, '"'), hint);
  return {};
}

void Flattener::wire_type(Part& part, const PendingNode& node, FlatNode& flat) {
  const NodeSpec& spec = *flat.spec;
  const std::string owner = text("node \"", flat.path, "\": ", spec.type);
  std::vector<std::string> needed;
  for (const PortSpec& port : spec.inputs) {
    if (port.arity != PortSpec::Arity::Optional) needed.push_back(port.name);
  }
  bool has_broken_wire = false;
  for (const WireDeclaration& wire : node.declaration.wires) {
    if (node.declaration.is_swapped && spec.inputs.empty()) break;  // `swap` keeps `in`, and a source has none
    const std::string port = port_of(wire, spec.input_names(), needed, owner);
    const PortSpec* found = spec.find_input(port);
    if (!found) {
      has_broken_wire = true;
      continue;
    }
    if (wire.is_list && found->arity != PortSpec::Arity::Many) {
      diagnostics_.error("E306", wire.place, text(owner, ": the input `", port, "` takes one value, not a list"));
      has_broken_wire = true;
      continue;
    }
    FlatInput& input = flat.inputs[static_cast<size_t>(found - spec.inputs.data())];
    input.place = wire.place;
    for (const Reference& reference : wire.sources) {
      FlatExpression expression = resolve(part, reference);
      if (!expression.is_lost || found->arity == PortSpec::Arity::One) input.sources.push_back(std::move(expression));
    }
  }
  for (size_t i = 0; i < spec.inputs.size(); ++i) {
    const PortSpec& port = spec.inputs[i];
    const FlatInput& input = flat.inputs[i];
    if (port.arity == PortSpec::Arity::Optional || has_broken_wire) continue;
    const bool is_lost = input.place.line != 0 && (!input.is_wired() || input.sources.front().is_lost);
    if (is_lost) {
      diagnostics_.error(
          "E703", input.place,
          text(owner, ": the required input `", port.name, "` loses its source, which `without` takes out"));
    } else if (!input.is_wired()) {
      diagnostics_.error("E304", flat.place,
                         text(owner, ": nothing is wired to the input `", port.name, "` (", port.declaration(), ')'),
                         text("write in.", port.name, " = …"));
    }
  }
}

void Flattener::wire_file(Part& part, const PendingNode& node, Part& inner) {
  const std::string owner = text("node \"", inner.path, "\": ", file_name(inner.file.file));
  std::vector<std::string> needed;
  for (const InputDeclaration& input : inner.file.inputs) {
    if (input.port.arity != PortSpec::Arity::Optional) needed.push_back(input.port.name);
  }
  std::set<std::string> wired;
  bool has_broken_wire = false;
  for (const WireDeclaration& wire : node.declaration.wires) {
    const std::string port = port_of(wire, inner.file.input_names(), needed, owner);
    if (port.empty() || wire.is_list) {
      if (wire.is_list && !port.empty()) {
        diagnostics_.error("E306", wire.place, text(owner, ": the input `", port, "` takes one value, not a list"));
      }
      has_broken_wire = true;
      continue;
    }
    wired.insert(port);
    FlatExpression definition = resolve(part, wire.sources.front());
    if (definition.is_lost && inner.file.find_input(port)->port.arity != PortSpec::Arity::Optional) {
      diagnostics_.error("E703", wire.place,
                         text(owner, ": the required input `", port, "` loses its source, which `without` takes out"));
    }
    definition.place = wire.sources.front().source.place;
    flat_.streams[static_cast<size_t>(inner.inputs.at(port))].definition = std::move(definition);
  }
  for (const std::string& port : needed) {
    if (!wired.contains(port) && !has_broken_wire) {
      diagnostics_.error("E304", node.declaration.place,
                         text(owner, ": nothing is wired to the input `", port, "` (",
                              inner.file.find_input(port)->port.declaration(), ')'),
                         text("write in.", port, " = …"));
    }
  }
}

void Flattener::bypass(const PendingNode& node, FlatNode& flat) {
  if (flat.spec->passes.size() != flat.spec->outputs.size()) {
    return diagnostics_.error("E702", node.declaration.place,
                              text("node \"", flat.path, "\": ", flat.spec->type,
                                   " cannot be bypassed: it does not say which input passes through"));
  }
  bypassed_.insert(node.name.index);
}

FlatExpression Flattener::resolve(Part& part, const Reference& reference) {
  FlatExpression flat;
  flat.place = reference.source.place;
  flat.text = reference.source.text;
  // A text that could not be read has no terms; its fault is reported.
  if (reference.expression.terms.empty()) flat.terms.emplace_back();
  for (const Term& term : reference.expression.terms) {
    FlatTerm one;
    one.place = reference.source.place_in_text(term.offset);
    one.text = reference.source.text.substr(term.offset, term.length);
    if (resolve_term(part, reference, term, one)) flat.terms.push_back(std::move(one));
  }
  flat.is_lost = flat.terms.empty();
  const bool only_zeros = !flat.is_lost && std::all_of(flat.terms.begin(), flat.terms.end(), [](const FlatTerm& term) {
    return term.source == FlatTerm::Source::Zeros;
  });
  if (only_zeros && !part.names.contains("zeros"))
    diagnostics_.error("E309", flat.place, "`zeros` alone has no size; it takes kind and size from the other terms",
                       "write \"x else zeros\"");
  return flat;
}

/// @returns false when the term was taken out by `without`
bool Flattener::resolve_term(Part& part, const Reference& reference, const Term& term, FlatTerm& flat) {
  if (term.before) {
    flat.before = value_of(part, reference, *term.before);
    if (flat.before && *flat.before < 0) {
      diagnostics_.error("E307", flat.place, text("`before` must be followed by a number from 0, not ", *flat.before));
    }
  }
  if (term.is_zeros) {
    flat.source = FlatTerm::Source::Zeros;
    return true;
  }
  const auto found = part.names.find(term.name);
  if (found != part.names.end() && found->second.kind == Name::Kind::Removed) return false;
  if (!resolve_output(part, reference, term, flat)) flat.source = FlatTerm::Source::Unknown;
  resolve_window(part, reference, term, flat);
  return true;
}

/// Finds what `name` or `name.output` stands for.
bool Flattener::resolve_output(Part& part, const Reference& reference, const Term& term, FlatTerm& flat) {
  const auto found = part.names.find(term.name);
  const auto fault = [&](std::string_view code, std::string message, std::string hint) {
    diagnostics_.error(code, flat.place, text("in \"", reference.source.text, "\": ", message), std::move(hint));
    return false;
  };
  if (found == part.names.end()) {
    if (part.file.find_param(term.name))
      return fault("E302", text('`', term.name, "` is a parameter, not a stream"), "");
    std::vector<std::string> names;
    for (const auto& [name, meaning] : part.names) names.push_back(name);
    return fault("E302", text("there is no `", term.name, "` in this file"), did_you_mean(term.name, names));
  }
  const Name& name = found->second;
  if (name.kind == Name::Kind::Broken) return false;
  if (name.kind == Name::Kind::Stream) {
    if (!term.output.empty())
      return fault("E303", text('`', term.name, "` is a stream and has no outputs"), text("write \"", term.name, '"'));
    flat.source = FlatTerm::Source::Stream;
    flat.index = name.index;
    return true;
  }
  std::vector<std::string> outputs;
  if (name.kind == Name::Kind::Node) {
    outputs = flat_.nodes[static_cast<size_t>(name.index)].spec->output_names();
  } else {
    outputs = parts_[static_cast<size_t>(name.index)].file.output_names();
  }
  if (outputs.empty()) return fault("E303", text('`', term.name, "` gives nothing: it has no outputs"), "");
  if (term.output.empty() && outputs.size() > 1) {
    return fault("E303", text('`', term.name, "` has several outputs: which one?"),
                 text("write ", quoted_list([&] {
                        std::vector<std::string> choices;
                        for (const std::string& output : outputs) choices.push_back(text(term.name, '.', output));
                        return choices;
                      }())));
  }
  const std::string wanted = term.output.empty() ? outputs.front() : term.output;
  const auto at = std::find(outputs.begin(), outputs.end(), wanted);
  if (at == outputs.end()) {
    std::string hint = did_you_mean(wanted, outputs);
    if (hint.empty()) hint = text("its outputs are ", join(outputs));
    return fault("E303", text('`', term.name, "` has no output `", wanted, '`'), hint);
  }
  if (name.kind == Name::Kind::Node) {
    flat.source = FlatTerm::Source::Output;
    flat.index = name.index;
    flat.output = static_cast<int>(at - outputs.begin());
  } else {
    flat.source = FlatTerm::Source::Stream;
    flat.index = parts_[static_cast<size_t>(name.index)].outputs.at(wanted);
  }
  return true;
}

void Flattener::resolve_window(Part& part, const Reference& reference, const Term& term, FlatTerm& flat) {
  if (!term.window) return;
  flat.is_window = term.window->is_range;
  const auto first = value_of(part, reference, term.window->first), last = value_of(part, reference, term.window->last);
  const auto step = value_of(part, reference, term.window->step);
  if (!first || !last || !step) return;
  const auto fault = [&](std::string message) {
    diagnostics_.error("E307", flat.place, text("in \"", reference.source.text, "\": ", message));
  };
  if (*first > *last)
    return fault(text("the window runs backwards, from t", *first > 0 ? "+" : "", *first, " to t",
                      *last >= 0 ? "+" : "", *last));
  if (*step < 1) return fault(text("the step must be at least 1, not ", *step));
  if ((*last - *first) % *step != 0)
    return fault(text("steps of ", *step, " do not lead from t", *first, " to t", *last >= 0 ? "+" : "", *last));
  if (std::max(-*first, *last) > kLongestDelay || (*last - *first) / *step > kLongestDelay)
    return fault(text("the window reaches further than ", kLongestDelay, " frames"));
  flat.first = *first;
  flat.last = *last;
  flat.step = *step;
}

std::optional<int64_t> Flattener::value_of(Part& part, const Reference& reference, const Bound& bound) {
  int64_t sum = 0;
  for (const Bound::Part& summand : bound.parts) {
    int64_t number = summand.number;
    if (!summand.parameter.empty()) {
      const auto found = part.params.find(summand.parameter);
      const bool is_integer = found != part.params.end() && found->second.is(Item::Type::Integer);
      if (!is_integer) {
        const std::string what = found == part.params.end() ? "is no parameter of this file" : "is not an integer";
        diagnostics_.error("E308", reference.source.place_in_text(summand.offset),
                           text("in \"", reference.source.text, "\": `", summand.parameter, "` ", what),
                           found == part.params.end() ? did_you_mean(summand.parameter, part.file.param_names()) : "");
        return {};
      }
      number = found->second.integer;
    }
    sum += summand.sign * std::clamp<int64_t>(number, -1'000'000'000, 1'000'000'000);
  }
  return sum;
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
  diagnostics_.error("E208", item.place, text("there is no parameter `", name, "` in this file"),
                     did_you_mean(name, part.file.param_names()));
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

std::vector<int> Flattener::trainable_nodes(const std::string& pattern) const {
  std::vector<int> nodes;
  for (size_t i = 0; i < flat_.nodes.size(); ++i) {
    const FlatNode& node = flat_.nodes[i];
    const bool fits = path_matches(node.path, pattern) || path_matches(node.path, pattern + ".**");
    if (fits && node.spec->is_trainable && node.shares < 0) nodes.push_back(static_cast<int>(i));
  }
  return nodes;
}

bool Flattener::is_removed(const std::string& pattern) const {
  return std::any_of(removed_.begin(), removed_.end(), [&](const std::string& path) {
    return path_matches(path, pattern) || path_matches(pattern, path + ".**");
  });
}

void Flattener::read_weights(Part& part, const Item& root) {
  const Item* table = root.find("weights");
  if (!table) return;
  if (!table->is_table())
    return diagnostics_.error("E106", table->place, "[weights] must be a table of paths and files");
  for (const auto& [path, place, item] : table->entries) {
    auto source = read_weight(part, path, place, item);
    if (!source) continue;
    if (trainable_nodes(path).empty()) {
      if (is_removed(path)) continue;
      std::vector<std::string> paths;
      for (const Instance& instance : flat_.instances) paths.push_back(instance.path);
      for (const FlatNode& node : flat_.nodes) paths.push_back(node.path);
      diagnostics_.error("E606", place, text("[weights] names \"", path, "\", but there is no network at that path"),
                         did_you_mean(path, paths));
      continue;
    }
    flat_.weights.push_back(std::move(*source));
  }
}

std::optional<WeightSource> Flattener::read_weight(Part& part, const std::string& path, const Place& place,
                                                   const Item& item) {
  WeightSource source;
  source.path = path;
  source.place = place;
  const auto use_file = [&](const Item& named) {
    const Item file = value_of(part, named);
    if (!file.is_text()) {
      diagnostics_.error("E106", named.place,
                         text("weights are the path of a file, \"random\" or \"fill\", not ", file.describe()));
      return false;
    }
    source.file = file.text;
    if (source.is_file()) source.file = resolve_path(file.text, file.place);
    return true;
  };
  if (!item.is_table()) return use_file(item) ? std::optional(source) : std::nullopt;
  bool is_good = item.find("file") != nullptr;
  if (!is_good) diagnostics_.error("E106", item.place, text("the weights of \"", path, "\" have no `file`"));
  for (const auto& [key, key_place, value] : item.entries) {
    if (key == "file") {
      is_good = use_file(value) && is_good;
    } else if (key == "prefix" && value.is_text()) {
      source.prefix = value.text;
    } else if (key == "only" && value.is_text() && value.text == "matching") {
      source.only_matching = true;
    } else if (key == "optional" && value.param_value() && convert(*value.param_value(), ParamType::Texts)) {
      source.optional = std::get<std::vector<std::string>>(*convert(*value.param_value(), ParamType::Texts));
    } else {
      static const std::vector<std::string> keys = {"file", "prefix", "optional", "only"};
      const bool is_known = std::find(keys.begin(), keys.end(), key) != keys.end();
      diagnostics_.error(
          is_known ? "E106" : "E105", is_known ? value.place : key_place,
          is_known ? text("`", key, "` cannot be ", value.toml()) : text("[weights] has no key `", key, '`'),
          is_known ? "prefix = \"text\", optional = [\"patterns\"], only = \"matching\"" : did_you_mean(key, keys));
      is_good = false;
    }
  }
  return is_good ? std::optional(source) : std::nullopt;
}

void Flattener::read_updates(Part& part, const Item& root) {
  const Item* table = root.find("update");
  if (!table) return;
  if (!table->is_table())
    return diagnostics_.error("E106", table->place, "[update] must hold tables, as in [update.G]");
  for (const auto& [name, place, item] : table->entries) {
    Update update;
    update.name = name;
    update.place = place;
    const SettingsReading reading = read_settings(
        update_settings(), &item, text("[update.", name, "]"),
        [](const std::string& key) { return key == "of" || key == "loss"; }, diagnostics_);
    update.settings = reading.values;
    std::string fault;
    if (!Schedule::parse(std::get<std::string>(update.settings.at("schedule")), fault))
      diagnostics_.error("E206", reading.places.at("schedule"), text("[update.", name, "]: `schedule` ", fault));
    const Item* of = item.is_table() ? item.find("of") : nullptr;
    if (!of || !of->is(Item::Type::Array)) {
      diagnostics_.error("E601", of ? of->place : place,
                         text("[update.", name, "] needs `of`, a list of the networks that it changes"));
    } else {
      for (const Item& path : of->items) {
        const std::vector<int> nodes = path.is_text() ? trainable_nodes(path.text) : std::vector<int>();
        update.nodes.insert(update.nodes.end(), nodes.begin(), nodes.end());
        if (!nodes.empty() || (path.is_text() && is_removed(path.text))) continue;
        std::vector<std::string> paths;
        for (const Instance& instance : flat_.instances) paths.push_back(instance.path);
        for (const FlatNode& node : flat_.nodes) paths.push_back(node.path);
        diagnostics_.error("E601", path.place, text("[update.", name, "]: there is no network at ", path.toml()),
                           path.is_text() ? did_you_mean(path.text, paths) : "");
      }
    }
    read_losses(part, item.is_table() ? item.find("loss") : nullptr, update);
    flat_.updates.push_back(std::move(update));
  }
}

void Flattener::read_losses(Part& part, const Item* losses, Update& update) {
  if (!losses || !losses->is_table() || losses->entries.empty()) {
    return diagnostics_.error("E605", losses ? losses->place : update.place,
                              text("[update.", update.name, "] has no losses"),
                              text("write [update.", update.name, ".loss] with lines such as match = 10.0"));
  }
  for (const auto& [name, place, item] : losses->entries) {
    const Item value = value_of(part, item);
    if (!value.is(Item::Type::Real) && !value.is(Item::Type::Integer)) {
      diagnostics_.error("E605", item.place,
                         text("the weight of the loss ", name, " must be a number, not ", value.describe()));
      continue;
    }
    SyntaxFault fault;
    const auto expression = parse_expression(name, fault);
    const Reference reference{Item::of_text(name, place), expression.value_or(Expression{})};
    const bool is_plain = expression && expression->terms.size() == 1 && !expression->terms.front().window &&
                          !expression->terms.front().before && !expression->terms.front().is_zeros;
    if (!is_plain) {
      diagnostics_.error("E605", place, text("\"", name, "\" is not a loss: write the name of a node, or node.output"));
      continue;
    }
    LossTerm loss;
    loss.text = name;
    loss.place = place;
    loss.weight = value.is(Item::Type::Real) ? value.real : static_cast<double>(value.integer);
    loss.term.place = place;
    loss.term.text = name;
    if (resolve_term(part, reference, expression->terms.front(), loss.term)) update.losses.push_back(std::move(loss));
  }
}

void Flattener::report_unused() {
  for (const ActiveChange& active : changes_) {
    if (active.is_used) continue;
    std::vector<std::string> paths;
    for (const FlatNode& node : flat_.nodes) paths.push_back(node.path);
    for (const Instance& instance : flat_.instances) paths.push_back(instance.path);
    const std::string owner = active.owner.starts_with("--set") ? active.owner + ": " : "";
    diagnostics_.error("E701", active.change.place, text(owner, "no node has the path \"", active.change.pattern, '"'),
                       did_you_mean(active.change.pattern, paths));
  }
  for (const ActivePattern& active : patterns_) {
    if (!active.is_used)
      diagnostics_.error("E701", active.pattern.place,
                         text('`', active.key, "`: no node has the path \"", active.pattern.pattern, '"'));
  }
  // A node that is passed by is an expression: what it passes through.
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

}  // namespace

FlatGraph flatten(Library& library, const Document& document, const std::vector<Overlay>& overlays,
                  const NodeCatalogue& catalogue, Diagnostics& diagnostics) {
  return Flattener(library, catalogue, diagnostics).run(document, overlays);
}

}  // namespace weft::graph
