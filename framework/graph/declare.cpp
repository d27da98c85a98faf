#include "framework/graph/declare.h"

#include <algorithm>
#include <ranges>

namespace weft::graph {
namespace {

/// Of nodes, streams and uses of graph files together. Real graphs have a few hundred; files that use each other many
/// times over would otherwise grow without end.
constexpr size_t kLargestGraph = 4000;

/// A name with dots or stars changes nodes inside.
}  // namespace

Declarations Declarer::run(const Document& document, const Item& root, const std::vector<Item::Entry>& params,
                           RunSettings run) {
  declared_.flat.run = std::move(run);
  declare_part(document, root, {"", params, {}, root.place, "the graph", ""});
  return std::move(declared_);
}

int Declarer::declare_part(const Document& document, const Item& root, const Use& use) {
  const std::string outer = diagnostics_.set_context(use.context);
  stack_.push_back(document.file);
  declared_.parts.emplace_back();
  const int index = static_cast<int>(declared_.parts.size()) - 1;
  Part& part = declared_.parts.back();
  part.path = use.path;
  part.context = use.context;
  part.file = read_graph_file(root, document.file, diagnostics_);
  part.instance = static_cast<int>(declared_.flat.instances.size());
  for (const Overlay& overlay : std::views::reverse(document.overlays)) changes_.add_first(overlay, use.path);
  diagnostics_.set_context(outer);  // what is given stands where the part is used
  bind_params(part, use);
  diagnostics_.set_context(use.context);
  check_defaults(part);
  declared_.flat.instances.push_back({use.path, document.file, part.file.about, use.place, part.params});
  declare_streams(part);
  declare_nodes(part, root);
  stack_.pop_back();
  diagnostics_.set_context(outer);
  return index;
}

void Declarer::bind_params(Part& part, const Use& use) {
  std::map<std::string_view, const ParamDeclaration*> declared;
  part.missing = use.missing;
  for (const ParamDeclaration& param : part.file.params) {
    declared.emplace(param.spec.name, &param);
    if (param.initial) part.params[param.spec.name] = *param.initial;
  }
  for (const auto& [name, key_place, value] : use.given) {
    const auto found = declared.find(name);
    if (found == declared.end()) {
      diagnostics_.error("E204", key_place,
                         text(use.owner, ": ", file_name(part.file.file), " has no parameter \"", name, '"'),
                         [&, &wanted = name] { return near_params(wanted, part.file.param_names()); });
      continue;
    }
    Item accepted = value;
    if (found->second->has_type) {
      const auto converted = read_param_value(found->second->spec, value, value.place, use.owner, diagnostics_);
      if (!converted) {
        part.missing.insert(name);
        continue;
      }
      accepted = Item::of_value(*converted, value.place);
    }
    part.params[name] = accepted;
  }
  for (const ParamDeclaration& param : part.file.params) {
    if (part.params.contains(param.spec.name)) continue;
    part.params[param.spec.name] = Item::of_value(ParamValue(int64_t{1}), param.place);
    if (!part.missing.insert(param.spec.name).second) continue;
    diagnostics_.error(
        "E207", use.place,
        text(use.owner, ": the parameter `", param.spec.name, "` of ", file_name(part.file.file), " must be given"),
        text("write ", param.spec.name, " = …", param.spec.about.empty() ? "" : text("  (", param.spec.about, ')')));
  }
  check_order(part, use);
}

/// Parameters that must be above others are.
void Declarer::check_order(const Part& part, const Use& use) {
  const auto number_of = [&](const std::string& name) -> std::optional<double> {
    const auto found = part.params.find(name);
    if (found == part.params.end() || part.missing.contains(name)) return {};
    if (found->second.is(Item::Type::Integer)) return static_cast<double>(found->second.integer);
    if (found->second.is(Item::Type::Real)) return found->second.real;
    return {};
  };
  for (const ParamDeclaration& param : part.file.params) {
    if (!param.above) continue;
    SyntaxFault fault;
    const std::optional<Bound> bound = parse_bound(param.above->text, fault);
    if (!bound) diagnostics_.error("E208", param.above->place, "`above`: " + fault.message);
    if (!bound) continue;
    std::optional<double> least = 0;
    for (const Bound::Part& summand : bound->parts) {
      const std::string& other = summand.parameter;
      if (!other.empty() && !part.file.find_param(other)) {
        diagnostics_.error("E208", param.above->place,
                           text("`above` must name a parameter of the file, not \"", other, '"'),
                           [&] { return did_you_mean(other, part.file.param_names()); });
      }
      const auto value = other.empty() ? static_cast<double>(summand.number) : number_of(other);
      least = least && value ? std::optional(*least + summand.sign * *value) : std::nullopt;
    }
    const auto number = number_of(param.spec.name);
    if (!number || !least || *number > *least) continue;
    diagnostics_.error("E206", part.params.at(param.spec.name).place,
                       text(use.owner.empty() ? "" : use.owner + ": ", '`', param.spec.name, "` must be above `",
                            param.above->text, "` (", number_text(*least), "), not ", number_text(*number)));
  }
}

void Declarer::check_defaults(const Part& part) {
  for (const ParamDeclaration& param : part.file.params) {
    if (!param.has_type || !param.initial) continue;
    const std::string fault = range_fault(param.spec, *param.initial->param_value());
    if (!fault.empty())
      diagnostics_.error("E206", param.initial->place, text("the default of `", param.spec.name, "` ", fault));
  }
}

/// Whether nothing more can be added; reported once, at the place where that begins.
bool Declarer::is_full(const Place& place) {
  const FlatGraph& flat = declared_.flat;
  if (flat.nodes.size() + flat.streams.size() + flat.instances.size() < kLargestGraph) return false;
  if (is_full_reported_) return true;
  is_full_reported_ = true;
  diagnostics_.error("E110", place,
                     text("the graph has more than ", kLargestGraph, " nodes, streams and uses of graph files"),
                     "uses multiply: look for a file that uses another many times, which uses a third many times");
  return true;
}

void Declarer::declare_streams(Part& part) {
  std::vector<FlatStream>& streams = declared_.flat.streams;
  const auto add = [&](const std::string& name, FlatStream::Role role, const Place& place) {
    FlatStream stream;
    stream.path = inside(part.path, name);
    stream.role = role;
    stream.place = stream.definition.place = place;
    stream.instance = part.instance;
    streams.push_back(std::move(stream));
    return static_cast<int>(streams.size()) - 1;
  };
  for (const InputDeclaration& input : part.file.inputs) {
    const int stream = add(input.port.name, FlatStream::Role::Input, input.place);
    streams.back().declared = input.port;
    streams.back().is_pushed = part.path.empty();
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
    part.definitions.emplace_back(stream, declared.reference);
    part.names.emplace(declared.name, Name{Name::Kind::Stream, stream});
  }
  for (const StreamDeclaration& declared : part.file.outputs) {
    const int stream = add(declared.name, FlatStream::Role::Output, declared.place);
    part.definitions.emplace_back(stream, declared.reference);
    part.outputs[declared.name] = stream;
  }
}

void Declarer::refuse_run_tables(const Part& part, const Item& root) {
  if (part.path.empty()) return;
  for (const char* section : {"run", "weights", "update", "stage", "variant", "grid"}) {
    const Item* item = root.find(section);
    if (!item) continue;
    diagnostics_.error("E106", item->place,
                       text("[", section, "] belongs to the graph that is run, not to a graph that is used as a node"));
  }
}

void Declarer::declare_nodes(Part& part, const Item& root) {
  refuse_run_tables(part, root);
  const Item* nodes = root.find("node");
  if (!nodes) return;
  if (!nodes->is_table()) return diagnostics_.error("E106", nodes->place, "[node] must be a table of nodes");
  for (const auto& [name, place, table] : std::views::reverse(nodes->entries)) {
    if (is_pattern(name)) changes_.add_first_change({inside(part.path, name), place, table, false}, part.file.file);
  }
  if (changes_.size() > kLargestGraph) {
    diagnostics_.error("E110", nodes->place, text("more than ", kLargestGraph, " changes to nodes by their paths"));
    changes_.clear();
  }
  for (const Item::Entry& entry : nodes->entries) {
    if (is_pattern(entry.key)) continue;
    if (is_full(entry.place)) {
      part.names.emplace(entry.key, Name{});
      continue;
    }
    declare_entry(part, entry);
  }
}

void Declarer::declare_entry(Part& part, const Item::Entry& entry) {
  const auto& [name, place, table] = entry;
  const std::string path = inside(part.path, name);
  if (changes_.is_removed(path)) {
    part.names.emplace(name, Name{Name::Kind::Removed});
    declared_.removed.push_back(path);
    return;
  }
  if (!table.is_table()) {
    diagnostics_.error("E106", table.place, text("the node `", name, "` must be a table, not ", table.describe()));
    part.names.emplace(name, Name{});
    return;
  }
  PendingNode node;
  std::optional<Place> swapped_at;
  const Item changed = changes_.changed(path, table, swapped_at);
  node.declaration = read_node(name, swapped_at.value_or(place), changed, diagnostics_);
  node.declaration.is_swapped = swapped_at.has_value();
  node.is_bypassed = changes_.is_bypassed(path);
  node.name = declare_node(part, node, path);
  part.names.emplace(name, node.name);
  part.nodes.push_back(std::move(node));
}

}  // namespace weft::graph
