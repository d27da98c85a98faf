#include "framework/graph/flatten.h"

#include "framework/base/text.h"
#include "framework/graph/cycles.h"
#include "framework/graph/declare.h"
#include "framework/graph/hold.h"
#include "framework/graph/training_tables.h"
#include "framework/graph/wire.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// [run] is read before the parameters are bound, since they may refer to it. What it takes from a parameter is the last value
/// that is given, otherwise the default; a parameter without a value is reported where it is bound.
RunSettings read_run(const Item& root, const std::vector<Item::Entry>& given, Diagnostics& diagnostics) {
  const Item* table = root.find("run");
  if (!table) return read_run_settings(nullptr, diagnostics);
  Item resolved = *table;
  const Item* params = root.find("params");
  std::erase_if(resolved.entries, [&](Item::Entry& entry) {
    if (!entry.value.is_text() || !entry.value.text.starts_with('$')) return false;
    const std::string name = entry.value.text.substr(1);
    const Item* value = params ? params->find(name) : nullptr;
    if (!value) {
      diagnostics.error("E208", entry.value.place, text("[run]: there is no parameter `", name, "` in this file"));
      return true;
    }
    if (value->is_table()) value = value->find("default");
    const auto last = std::find_if(given.rbegin(), given.rend(), [&](const auto& one) { return one.key == name; });
    if (last != given.rend()) value = &last->value;
    if (value) entry.value = *value;
    return !value;
  });
  return read_run_settings(&resolved, diagnostics);
}

/// Adds what is wrong with [run], but for values that were refused as those of parameters at the same place.
void add_run_faults(const Diagnostics& faults, Diagnostics& diagnostics) {
  const std::vector<Diagnostic> known = diagnostics.all();
  for (const Diagnostic& fault : faults.all()) {
    if (std::none_of(known.begin(), known.end(), [&](const Diagnostic& one) { return one.place == fault.place; }))
      diagnostics.add(fault);
  }
}

/// Reports values that the program would give to inputs that the graph has not (E302).
void check_pushed(const FlatGraph& graph, const std::vector<std::string>& pushed, Diagnostics& diagnostics) {
  std::vector<std::string> inputs;
  for (const FlatStream& stream : graph.streams) {
    if (stream.is_pushed) inputs.push_back(stream.path);
  }
  for (const std::string& name : pushed) {
    if (std::find(inputs.begin(), inputs.end(), name) != inputs.end()) continue;
    diagnostics.error("E302", {}, text("the graph has no input \"", name, '"'),
                      inputs.empty() ? "it has no inputs at all" : text("it has ", quoted_list(inputs, "and")));
  }
}

/// Puts a source in the place of each input of the graph itself.
void add_pushed(FlatGraph& graph, const std::vector<std::string>& pushed) {
  for (FlatStream& stream : graph.streams) {
    if (!stream.is_pushed) continue;
    const bool is_given = std::find(pushed.begin(), pushed.end(), stream.path) != pushed.end();
    if (stream.declared->arity == PortSpec::Arity::Optional && !is_given) continue;
    NodeSpec& spec = graph.own_specs.emplace_back();
    spec.type = "weft.pushed";
    spec.about = "A value that the program gives";
    spec.is_source = true;
    spec.outputs.push_back(*stream.declared);
    spec.outputs.front().name = "value";
    spec.outputs.front().arity = PortSpec::Arity::One;
    FlatNode node;
    node.path = stream.path;
    node.role = NodeRole::Pushed;
    node.place = node.use_place = stream.place;
    node.spec = &spec;
    stream.definition.terms = {term_of_node(graph.nodes.size(), stream.place, stream.path)};
    stream.definition.text = stream.path;
    graph.nodes.push_back(std::move(node));
  }
}

/// Names that mean two things would look like cycles and wrong kinds; so would a graph that is not whole.
bool has_bad_names(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.all().begin(), diagnostics.all().end(), [](const Diagnostic& one) {
    return one.code == "E108" || one.code == "E109" || one.code == "E110";
  });
}

}  // namespace

std::shared_ptr<const FlatGraph> flatten(Library& library, const Document& document,
                                         const std::vector<Overlay>& overlays, const std::vector<std::string>& pushed,
                                         const NodeCatalogue& catalogue, Diagnostics& diagnostics) {
  Item root = document.root;
  std::vector<Item::Entry> params;
  PathChanges changes;
  for (const Overlay& overlay : overlays) {
    merge(root, overlay.root);
    params.insert(params.end(), overlay.params.begin(), overlay.params.end());
    changes.add(overlay);
  }
  Diagnostics run_faults;
  RunSettings run = read_run(root, params, run_faults);
  Declarations declared =
      Declarer(library, catalogue, changes, diagnostics).run(document, root, params, std::move(run));
  add_run_faults(run_faults, diagnostics);
  wire(declared, diagnostics);
  const Part& top = declared.parts.front();
  for (const StreamDeclaration& output : top.file.outputs) declared.flat.outputs.push_back(top.outputs.at(output.name));
  read_training_tables(root, declared, diagnostics);
  changes.report_unused(declared.all_paths(), diagnostics);
  if (has_bad_names(diagnostics)) return nullptr;
  FlatGraph graph = std::move(declared.flat);
  const bool has_delays = check_cycles(graph, diagnostics);
  check_pushed(graph, pushed, diagnostics);
  add_pushed(graph, pushed);
  if (has_delays) hold_streams(graph);
  return std::make_shared<const FlatGraph>(std::move(graph));
}

}  // namespace weft::graph
