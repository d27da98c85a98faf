#include "framework/graph/resolve.h"

#include <algorithm>

namespace weft::graph {
namespace {

constexpr int64_t kLongestDelay = 100'000;

}  // namespace

FlatExpression Resolver::resolve(const Reference& reference) const {
  FlatExpression flat;
  flat.place = reference.source.place;
  flat.text = reference.source.text;
  // A text that could not be read has no terms; its fault is reported.
  if (reference.expression.terms.empty()) flat.terms.emplace_back();
  for (const Term& term : reference.expression.terms) {
    FlatTerm one;
    one.place = reference.source.place_in_text(term.offset);
    one.text = reference.source.text.substr(term.offset, term.length);
    if (resolve_term(reference, term, one)) flat.terms.push_back(std::move(one));
  }
  flat.is_lost = flat.terms.empty();
  const bool only_zeros = !flat.is_lost && std::all_of(flat.terms.begin(), flat.terms.end(), [](const FlatTerm& term) {
    return term.source == FlatTerm::Source::Zeros;
  });
  if (only_zeros && !part_.names.contains("zeros"))
    diagnostics_.error("E309", flat.place, "`zeros` alone has no size; it takes kind and size from the other terms",
                       "write \"x else zeros\"");
  return flat;
}

bool Resolver::resolve_term(const Reference& reference, const Term& term, FlatTerm& flat) const {
  if (term.before) {
    flat.before = value_of(reference, *term.before);
    if (flat.before && *flat.before < 0) {
      diagnostics_.error("E307", flat.place, text("`before` must be followed by a number from 0, not ", *flat.before));
    }
  }
  if (term.is_zeros) {
    flat.source = FlatTerm::Source::Zeros;
    return true;
  }
  const auto found = part_.names.find(term.name);
  if (found != part_.names.end() && found->second.kind == Name::Kind::Removed) return false;
  if (!resolve_name(reference, term, flat)) flat.source = FlatTerm::Source::Unknown;
  resolve_window(reference, term, flat);
  return true;
}

template <typename Hint>
bool Resolver::fail(std::string_view code, const Reference& reference, const FlatTerm& flat, const std::string& message,
                    const Hint& hint) const {
  diagnostics_.error(code, flat.place, text("in \"", reference.source.text, "\": ", message), hint);
  return false;
}

/// Finds what `name` or `name.output` stands for.
bool Resolver::resolve_name(const Reference& reference, const Term& term, FlatTerm& flat) const {
  const auto found = part_.names.find(term.name);
  if (found == part_.names.end()) {
    if (part_.file.find_param(term.name))
      return fail("E302", reference, flat, text('`', term.name, "` is a parameter, not a stream"), "");
    return fail("E302", reference, flat, text("there is no `", term.name, "` in this file"), [&] {
      std::vector<std::string> names;
      for (const auto& [name, meaning] : part_.names) names.push_back(name);
      return did_you_mean(term.name, names);
    });
  }
  const Name& name = found->second;
  if (name.kind == Name::Kind::Broken) return false;
  if (name.kind != Name::Kind::Stream) return resolve_output(reference, term, name, flat);
  if (!term.output.empty()) {
    return fail("E303", reference, flat, text('`', term.name, "` is a stream and has no outputs"),
                text("write \"", term.name, '"'));
  }
  flat.source = FlatTerm::Source::Stream;
  flat.index = name.index;
  return true;
}

bool Resolver::resolve_output(const Reference& reference, const Term& term, const Name& name, FlatTerm& flat) const {
  const bool is_node = name.kind == Name::Kind::Node;
  const std::vector<std::string> outputs =
      is_node ? declared_.node(name.index).spec->output_names() : declared_.part(name.index).file.output_names();
  if (outputs.empty())
    return fail("E303", reference, flat, text('`', term.name, "` gives nothing: it has no outputs"), "");
  if (term.output.empty() && outputs.size() > 1) {
    std::vector<std::string> choices;
    for (const std::string& output : outputs) choices.push_back(text(term.name, '.', output));
    return fail("E303", reference, flat, text('`', term.name, "` has several outputs: which one?"),
                text("write ", quoted_list(choices)));
  }
  const std::string wanted = term.output.empty() ? outputs.front() : term.output;
  const auto at = std::find(outputs.begin(), outputs.end(), wanted);
  if (at == outputs.end()) {
    return fail("E303", reference, flat, text('`', term.name, "` has no output `", wanted, '`'), [&] {
      const std::string hint = did_you_mean(wanted, outputs);
      return hint.empty() ? text("its outputs are ", join(outputs)) : hint;
    });
  }
  if (is_node) {
    flat.source = FlatTerm::Source::Output;
    flat.index = name.index;
    flat.output = static_cast<int>(at - outputs.begin());
  } else {
    flat.source = FlatTerm::Source::Stream;
    flat.index = declared_.part(name.index).outputs.at(wanted);
  }
  return true;
}

void Resolver::resolve_window(const Reference& reference, const Term& term, FlatTerm& flat) const {
  if (!term.window) return;
  flat.is_window = term.window->is_range;
  const auto first = value_of(reference, term.window->first), last = value_of(reference, term.window->last);
  const auto step = value_of(reference, term.window->step);
  if (!first || !last || !step) return;
  const auto fault = [&](const std::string& message) { fail("E307", reference, flat, message, ""); };
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

std::optional<int64_t> Resolver::value_of(const Reference& reference, const Bound& bound) const {
  int64_t sum = 0;
  for (const Bound::Part& summand : bound.parts) {
    int64_t number = summand.number;
    if (!summand.parameter.empty()) {
      const auto found = part_.params.find(summand.parameter);
      const bool is_integer = found != part_.params.end() && found->second.is(Item::Type::Integer);
      if (!is_integer) {
        const std::string what = found == part_.params.end() ? "is no parameter of this file" : "is not an integer";
        diagnostics_.error(
            "E308", reference.source.place_in_text(summand.offset),
            text("in \"", reference.source.text, "\": `", summand.parameter, "` ", what), [&] {
              return found == part_.params.end() ? did_you_mean(summand.parameter, part_.file.param_names()) : "";
            });
        return {};
      }
      number = found->second.integer;
    }
    sum += summand.sign * std::clamp<int64_t>(number, -1'000'000'000, 1'000'000'000);
  }
  return sum;
}

}  // namespace weft::graph
