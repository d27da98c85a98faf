#include "framework/graph/declare.h"
#include "framework/spec/address.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

namespace weft::graph {
namespace {

constexpr size_t kDeepestNesting = 32;

bool is_graph_file(const std::string& use) {
  return use.ends_with(".toml") || use.find('/') != std::string::npos;
}

/// Why a node of this type cannot do what only a network without state can.
const char* network_fault(const NodeSpec& spec) {
  return spec.has_state ? " has state" : " has no weights";
}

/// Whether a value may stand where it stands: a file of a stranger must not make weft call at an address.
bool may_hold(const Item& value, const std::string& owner, const std::string& name, Diagnostics& diagnostics) {
  const char* trusts = std::getenv("WEFT_TRUST");
  const bool is_from_user = value.place.file.empty() || (trusts && std::string_view(trusts) == "1");
  if (is_from_user || !value.is_text() || !is_address(value.text)) return true;
  diagnostics.error("E211", value.place,
                    text(owner, ": `", name, "` has the address \"", value.text, "\", which a file may not name"),
                    text("make it a parameter of the file, and give it with --set; --trust takes it from the file"));
  return false;
}

}  // namespace

Name Declarer::declare_node(Part& part, PendingNode& node, const std::string& path) {
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

/// The node whose network `share` means; -1 when there is none, which is reported.
int Declarer::find_shared(const Part& part, const Item& share, const std::string& path) {
  const auto first = share.is_text() ? part.names.find(share.text) : part.names.end();
  if (first == part.names.end() || first->second.kind != Name::Kind::Node) {
    const bool is_broken = first != part.names.end() && first->second.kind == Name::Kind::Broken &&
                           std::any_of(part.nodes.begin(), part.nodes.end(),
                                       [&](const PendingNode& other) { return other.declaration.name == share.text; });
    if (is_broken) return -1;
    diagnostics_.error(
        "E608", share.place,
        text("node \"", path, "\": `share` must name a node that stands above it in this file, not ", share.toml()),
        [&] {
          std::vector<std::string> names;
          for (const auto& [name, meaning] : part.names) {
            if (meaning.kind == Name::Kind::Node) names.push_back(name);
          }
          const std::string meant = did_you_mean(share.text, names);
          return meant.empty() ? "where it stands below, move its table up" : meant;
        });
    return -1;
  }
  const NodeSpec& spec = *declared_.node(first->second.index).spec;
  if (spec.is_trainable && !spec.has_state) return first->second.index;
  diagnostics_.error(
      "E608", share.place,
      text("node \"", path, "\": only a network without state can be called twice; ", spec.type, network_fault(spec)));
  return -1;
}

Name Declarer::declare_shared(Part& part, const PendingNode& node, const std::string& path) {
  const Item& share = *node.declaration.share;
  const int shared = find_shared(part, share, path);
  if (shared < 0) return {};
  const FlatNode& original = declared_.node(shared);
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
  declared_.flat.nodes.push_back(std::move(second));
  return {Name::Kind::Node, static_cast<int>(declared_.flat.nodes.size()) - 1};
}

Name Declarer::declare_of_type(Part& part, PendingNode& node, const std::string& path, const Item& use) {
  const NodeSpec* spec = catalogue_.find(use.text);
  if (!spec) {
    report_unknown_type(use, path);
    declared_.removed.push_back(path);  // so that [weights] and `of` do not report the same again
    return {};
  }
  FlatNode flat;
  flat.path = path;
  flat.place = node.declaration.place;
  flat.use_place = use.place;
  flat.spec = spec;
  flat.inputs.resize(spec->inputs.size());
  read_params(part, node.declaration, flat);
  read_timing(part, node.declaration, flat);
  declared_.flat.nodes.push_back(std::move(flat));
  return {Name::Kind::Node, static_cast<int>(declared_.flat.nodes.size()) - 1};
}

void Declarer::report_unknown_type(const Item& use, const std::string& path) {
  const std::string family = use.text.substr(0, use.text.find('.'));
  const std::string refusal = family.empty() ? "" : catalogue_.refusal(family);
  if (refusal.empty()) {
    return diagnostics_.error("E201", use.place, text("node \"", path, "\": there is no node type \"", use.text, '"'),
                              [&] { return near_types(use.text); });
  }
  diagnostics_.error("E202", use.place,
                     text("node \"", path, "\": the plugin of \"", use.text, "\" was refused: ", refusal),
                     "`weft nodes --refused` lists all that were refused");
}

/// The type that was meant, or what there is.
std::string Declarer::near_types(const std::string& type) const {
  const std::vector<std::string> types = catalogue_.types();
  const std::string meant = did_you_mean(type, types);
  const std::string family = type.find('.') == std::string::npos ? "." : type.substr(0, type.find('.') + 1);
  std::vector<std::string> of_family;
  std::set<std::string> families;
  for (const std::string& one : types) {
    families.insert(one.substr(0, one.find('.')));
    if (one.starts_with(family)) of_family.push_back(one);
  }
  // Where the whole family is missing, it may lie in a folder that is not there.
  const std::string folder = of_family.empty() ? catalogue_.refusal("") : "";
  const std::string listed = "; `weft nodes --refused` lists all that was refused";
  if (!folder.empty()) return text(meant, meant.empty() ? "" : " ", folder, listed);
  if (!meant.empty()) return meant;
  if (!of_family.empty()) return text("there are ", join(of_family));
  if (catalogue_.has_refused()) return "a plugin was refused: `weft nodes --refused` says which, and why";
  return text("the families are ", join({families.begin(), families.end()}));
}

/// The document that a node uses; nullptr when it cannot be used here, which is reported.
const Document* Declarer::load(const Item& use, const std::string& path) {
  const Document* document = nullptr;
  try {
    document = &library_.load(resolve_path(use.text, use.place));
  } catch (const GraphError& error) {
    // A file that cannot be read is the fault of the line that names it; other faults have places of their own.
    const Diagnostic& fault = error.diagnostic();
    const bool is_file = fault.place.line == 0;
    const std::string owner = is_file ? text("node \"", path, "\": ", use.text, ": ") : "";
    diagnostics_.error(fault.code, is_file ? use.place : fault.place, owner + fault.message, fault.hint);
    return nullptr;
  }
  if (std::find(stack_.begin(), stack_.end(), document->file) != stack_.end()) {
    diagnostics_.error("E104", use.place,
                       text("files that include each other: ", join(stack_, " -> "), " -> ", document->file));
    return nullptr;
  }
  if (stack_.size() <= kDeepestNesting) return document;
  diagnostics_.error(
      "E104", use.place,
      text("more than ", kDeepestNesting, " files use each other: ", stack_[0], " -> ", stack_[1], " -> …"));
  return nullptr;
}

Name Declarer::declare_of_file(Part& part, PendingNode& node, const std::string& path, const Item& use) {
  const Document* document = load(use, path);
  if (!document) {
    declared_.removed.push_back(path);
    return {};
  }
  const NodeDeclaration& declaration = node.declaration;
  Use inner{path, {}, {}, declaration.place, text("node \"", path, '"'), text(path, ", used at ", declaration.place)};
  std::set<std::string_view> inner_nodes;
  if (const Item* nodes = document->root.find("node")) {
    for (const Item::Entry& entry : nodes->entries) inner_nodes.insert(entry.key);
  }
  for (const Item::Entry& entry : declaration.params) {
    if (entry.value.is_table() && inner_nodes.contains(entry.key)) {
      changes_.add_change({inside(path, entry.key), entry.place, entry.value, false}, part.file.file);
    } else if (lacks_value(entry.value, part)) {
      inner.missing.insert(entry.key);
    } else {
      inner.given.push_back({entry.key, entry.place, value_of(part, entry.value)});
    }
  }
  for (const auto& [key, item] : {std::pair("every", declaration.every), std::pair("multiple", declaration.multiple),
                                  std::pair("fold", declaration.fold), std::pair("recompute", declaration.recompute)}) {
    if (!item) continue;
    diagnostics_.error(
        "E209", item->place,
        text("node \"", path, "\": `", key, "` is for nodes, not for graph files; set it inside ", use.text));
  }
  return {Name::Kind::Part, declare_part(*document, document->root, inner)};
}

void Declarer::read_params(const Part& part, const NodeDeclaration& declaration, FlatNode& node) {
  for (const Item::Entry& entry : declaration.params) read_param(part, entry, node);
  for (const ParamSpec& spec : node.spec->params) {
    const bool was_given = std::any_of(declaration.params.begin(), declaration.params.end(),
                                       [&](const auto& entry) { return entry.key == spec.name; });
    if (!spec.required || was_given) continue;
    node.has_faults = true;
    diagnostics_.error(
        "E207", declaration.place,
        text("node \"", node.path, "\": the parameter `", spec.name, "` of ", node.spec->type, " must be given"),
        text("write ", spec.name, " = …  (", spec.about, ')'));
  }
}

void Declarer::read_param(const Part& part, const Item::Entry& entry, FlatNode& node) {
  const auto& [name, place, item] = entry;
  const std::string owner = text("node \"", node.path, '"');
  const ParamSpec* spec = node.spec->find_param(name);
  if (!spec) {
    const bool is_port = node.spec->find_input(name) != nullptr;
    return diagnostics_.error(
        "E204", place, text(owner, ": ", node.spec->type, " has no parameter \"", name, '"'), [&, &wanted = name] {
          return is_port ? text("to wire the input, write in.", wanted) : near_params(wanted, node.spec->param_names());
        });
  }
  const size_t faults = diagnostics_.all().size();
  const Item given = value_of(part, item);
  const bool is_known =
      !lacks_value(item, part) && diagnostics_.all().size() == faults && may_hold(given, owner, name, diagnostics_);
  const auto value = is_known ? read_param_value(*spec, given, item.place, owner, diagnostics_) : std::nullopt;
  if (!value) {
    node.has_faults = true;
    return;
  }
  node.params[name] = *value;
  node.param_places[name] = item.place;
}

void Declarer::read_timing(const Part& part, const NodeDeclaration& declaration, FlatNode& node) {
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
  if (declaration.recompute) read_recompute(part, *declaration.recompute, node);
  if (declaration.fold) read_fold(*declaration.fold, node);
}

void Declarer::read_recompute(const Part& part, const Item& item, FlatNode& node) {
  const Item value = value_of(part, item);
  if (!value.is(Item::Type::Boolean)) {
    diagnostics_.error("E205", item.place,
                       text("node \"", node.path, "\": `recompute` must be true or false, not ", value.toml()));
  } else if (value.boolean && (node.spec->has_state || !node.spec->is_trainable)) {
    diagnostics_.error("E210", item.place,
                       text("node \"", node.path, "\": only a network without state can be recomputed; ",
                            node.spec->type, network_fault(*node.spec)));
  }
  node.recomputes = value.boolean;
}

void Declarer::read_fold(const Item& item, FlatNode& node) {
  node.folds_chunk = item.is_text() && item.text == "chunk";
  if (!node.folds_chunk) {
    diagnostics_.error("E206", item.place, text("node \"", node.path, "\": `fold` can only be \"chunk\""));
  } else if (node.spec->has_state || node.spec->is_source || node.spec->is_sink) {
    const char* why = node.spec->has_state ? "has state" : node.spec->is_source ? "is a source" : "is a writer";
    diagnostics_.error("E503", item.place, text("node \"", node.path, "\": it cannot fold a chunk, because it ", why));
  }
}

}  // namespace weft::graph
