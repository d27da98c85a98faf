#include "framework/graph/flattener.h"

#include <algorithm>

namespace weft::graph {
namespace {

constexpr int64_t kLongestDelay = 100'000;

}  // namespace

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
  diagnostics_.error("E203", wire.place, text(owner, " has no input \"", wire.port, '"'), [&] {
    const std::string hint = did_you_mean(wire.port, all);
    return !hint.empty() ? hint : all.empty() ? "it has no inputs" : text("its inputs are ", join(all));
  });
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
          text(owner, ": the required input `", port.name, "` loses its source, which `without` removes"));
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
                         text(owner, ": the required input `", port, "` loses its source, which `without` removes"));
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
  const auto fault = [&](std::string_view code, const std::string& message, const auto& hint) {
    diagnostics_.error(code, flat.place, text("in \"", reference.source.text, "\": ", message), hint);
    return false;
  };
  if (found == part.names.end()) {
    if (part.file.find_param(term.name))
      return fault("E302", text('`', term.name, "` is a parameter, not a stream"), "");
    return fault("E302", text("there is no `", term.name, "` in this file"), [&] {
      std::vector<std::string> names;
      for (const auto& [name, meaning] : part.names) names.push_back(name);
      return did_you_mean(term.name, names);
    });
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
    return fault("E303", text('`', term.name, "` has no output `", wanted, '`'), [&] {
      const std::string hint = did_you_mean(wanted, outputs);
      return hint.empty() ? text("its outputs are ", join(outputs)) : hint;
    });
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
        diagnostics_.error(
            "E308", reference.source.place_in_text(summand.offset),
            text("in \"", reference.source.text, "\": `", summand.parameter, "` ", what),
            [&] { return found == part.params.end() ? did_you_mean(summand.parameter, part.file.param_names()) : ""; });
        return {};
      }
      number = found->second.integer;
    }
    sum += summand.sign * std::clamp<int64_t>(number, -1'000'000'000, 1'000'000'000);
  }
  return sum;
}

}  // namespace weft::graph
