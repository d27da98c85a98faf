#include "framework/graph/wire.h"

#include "framework/graph/resolve.h"

#include <algorithm>
#include <set>

namespace weft::graph {
namespace {

class Wiring {
 public:
  Wiring(Declarations& declared, Diagnostics& diagnostics) : declared_(declared), diagnostics_(diagnostics) {}

  void run() {
    for (const Part& part : declared_.parts) wire_part(part);
    pass_bypassed();
  }

 private:
  void wire_part(const Part& part);
  void wire_type(const Part& part, const PendingNode& node, FlatNode& flat);
  bool wire_input(const Resolver& resolver, const WireDeclaration& wire, FlatNode& flat);
  void check_wired(const FlatNode& flat);
  void wire_file(const Part& part, const PendingNode& node, const Part& inner);
  void bypass(const PendingNode& node, const FlatNode& flat);
  void pass_bypassed();
  std::string port_of(const WireDeclaration& wire, const std::vector<std::string>& all,
                      const std::vector<std::string>& needed, const std::string& owner);

  Declarations& declared_;
  Diagnostics& diagnostics_;
  std::set<int> bypassed_;  ///< nodes
};

std::string owner_of(const FlatNode& node) {
  return text("node \"", node.path, "\": ", node.spec->type);
}

std::vector<std::string> needed_inputs(const NodeSpec& spec) {
  std::vector<std::string> needed;
  for (const PortSpec& port : spec.inputs) {
    if (port.arity != PortSpec::Arity::Optional) needed.push_back(port.name);
  }
  return needed;
}

void Wiring::wire_part(const Part& part) {
  diagnostics_.set_context(part.context);
  const Resolver resolver(declared_, part, diagnostics_);
  for (const auto& [stream, reference] : part.definitions)
    declared_.stream(stream).definition = resolver.resolve(reference);
  for (const PendingNode& node : part.nodes) {
    if (node.name.kind == Name::Kind::Part) wire_file(part, node, declared_.part(node.name.index));
    if (node.name.kind != Name::Kind::Node) continue;
    FlatNode& flat = declared_.node(node.name.index);
    wire_type(part, node, flat);
    if (node.is_bypassed) bypass(node, flat);
  }
  diagnostics_.set_context("");
}

/// The port that a wire means; empty when there is none, which is reported.
std::string Wiring::port_of(const WireDeclaration& wire, const std::vector<std::string>& all,
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
  diagnostics_.error("E203", wire.place, text(owner, " has no input \"", wire.port, '"'), [&] {
    const std::string hint = did_you_mean(wire.port, all);
    return !hint.empty() ? hint : all.empty() ? "it has no inputs" : text("its inputs are ", join(all));
  });
  return {};
}

void Wiring::wire_type(const Part& part, const PendingNode& node, FlatNode& flat) {
  const Resolver resolver(declared_, part, diagnostics_);
  bool has_broken_wire = false;
  for (const WireDeclaration& wire : node.declaration.wires) {
    if (node.declaration.is_swapped && flat.spec->inputs.empty()) break;  // `swap` keeps `in`, and a source has none
    if (!wire_input(resolver, wire, flat)) has_broken_wire = true;
  }
  if (!has_broken_wire) check_wired(flat);
}

/// @returns false when the wire is faulty, which is reported
bool Wiring::wire_input(const Resolver& resolver, const WireDeclaration& wire, FlatNode& flat) {
  const NodeSpec& spec = *flat.spec;
  const std::string port = port_of(wire, spec.input_names(), needed_inputs(spec), owner_of(flat));
  const PortSpec* found = spec.find_input(port);
  if (!found) return false;
  if (wire.is_list && found->arity != PortSpec::Arity::Many) {
    diagnostics_.error("E306", wire.place,
                       text(owner_of(flat), ": the input `", port, "` takes one value, not a list"));
    return false;
  }
  FlatInput& input = flat.inputs[static_cast<size_t>(found - spec.inputs.data())];
  input.place = wire.place;
  for (const Reference& reference : wire.sources) {
    FlatExpression expression = resolver.resolve(reference);
    if (!expression.is_lost || found->arity == PortSpec::Arity::One) input.sources.push_back(std::move(expression));
  }
  return true;
}

void Wiring::check_wired(const FlatNode& flat) {
  for (size_t i = 0; i < flat.spec->inputs.size(); ++i) {
    const PortSpec& port = flat.spec->inputs[i];
    const FlatInput& input = flat.inputs[i];
    if (port.arity == PortSpec::Arity::Optional) continue;
    const bool is_lost = input.place.line != 0 && (!input.is_wired() || input.sources.front().is_lost);
    if (is_lost) {
      diagnostics_.error(
          "E703", input.place,
          text(owner_of(flat), ": the required input `", port.name, "` loses its source, which `without` removes"));
    } else if (!input.is_wired()) {
      diagnostics_.error(
          "E304", flat.place,
          text(owner_of(flat), ": nothing is wired to the input `", port.name, "` (", port.declaration(), ')'),
          text("write in.", port.name, " = …"));
    }
  }
}

void Wiring::wire_file(const Part& part, const PendingNode& node, const Part& inner) {
  const Resolver resolver(declared_, part, diagnostics_);
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
      if (!port.empty()) {
        diagnostics_.error("E306", wire.place, text(owner, ": the input `", port, "` takes one value, not a list"));
      }
      has_broken_wire = true;
      continue;
    }
    wired.insert(port);
    FlatExpression definition = resolver.resolve(wire.sources.front());
    if (definition.is_lost && inner.file.find_input(port)->port.arity != PortSpec::Arity::Optional) {
      diagnostics_.error("E703", wire.place,
                         text(owner, ": the required input `", port, "` loses its source, which `without` removes"));
    }
    definition.place = wire.sources.front().source.place;
    declared_.stream(inner.inputs.at(port)).definition = std::move(definition);
  }
  for (const std::string& port : needed) {
    if (wired.contains(port) || has_broken_wire) continue;
    diagnostics_.error("E304", node.declaration.place,
                       text(owner, ": nothing is wired to the input `", port, "` (",
                            inner.file.find_input(port)->port.declaration(), ')'),
                       text("write in.", port, " = …"));
  }
}

void Wiring::bypass(const PendingNode& node, const FlatNode& flat) {
  if (flat.spec->passes.size() != flat.spec->outputs.size()) {
    return diagnostics_.error("E702", node.declaration.place,
                              text("node \"", flat.path, "\": ", flat.spec->type,
                                   " cannot be bypassed: it does not say which input passes through"));
  }
  bypassed_.insert(node.name.index);
}

/// A bypassed node is an expression: its input that passes through.
void Wiring::pass_bypassed() {
  for (const int index : bypassed_) {
    const FlatNode& node = declared_.node(index);
    for (size_t output = 0; output < node.spec->outputs.size(); ++output) {
      const PortSpec* input = node.spec->find_input(node.spec->passes.at(node.spec->outputs[output].name));
      const FlatInput& passed = node.inputs[static_cast<size_t>(input - node.spec->inputs.data())];
      FlatStream stream;
      stream.path = node.path;
      stream.place = node.place;
      if (passed.is_wired()) stream.definition = passed.sources.front();
      declared_.passed[{index, static_cast<int>(output)}] = static_cast<int>(declared_.flat.streams.size());
      declared_.flat.streams.push_back(std::move(stream));
    }
  }
  if (declared_.passed.empty()) return;
  const auto redirect = [&](FlatExpression& expression) {
    for (FlatTerm& term : expression.terms) declared_.redirect(term);
  };
  for (FlatStream& stream : declared_.flat.streams) redirect(stream.definition);
  for (FlatNode& node : declared_.flat.nodes) {
    for (FlatInput& input : node.inputs) std::for_each(input.sources.begin(), input.sources.end(), redirect);
  }
}

}  // namespace

void wire(Declarations& declared, Diagnostics& diagnostics) {
  Wiring(declared, diagnostics).run();
}

}  // namespace weft::graph
