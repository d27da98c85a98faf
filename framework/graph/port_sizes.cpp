#include "framework/graph/port_sizes.h"

#include "framework/base/text.h"

namespace weft::graph {

std::string PortSizes::wants(const Use& use, const Dims& dims, const std::string& because) const {
  return text(use.owner, " wants ", use.port.declaration(), ", but \"", use.source.text, "\" is ",
              symbols_.describe(dims), because);
}

bool PortSizes::bind(const Use& use, const Dims& dims, Letters& letters) {
  const ShapeSpec& shape = use.port.shape;
  if (shape.any_rank) return true;
  if (shape.dims.size() != dims.size()) {
    const bool has_time = dims.size() == shape.dims.size() + 1, lacks_time = dims.size() + 1 == shape.dims.size();
    report_("E402", use.source.place, wants(use, dims, ""),
            has_time     ? "this input takes one frame, as in x[t-1]"
            : lacks_time ? "this input takes several frames, as in x[t-2..t]"
                         : "");
    return false;
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    if (!bind_one(use, dims, i, letters)) return false;
  }
  return true;
}

bool PortSizes::bind_one(const Use& use, const Dims& dims, size_t index, Letters& letters) {
  const DimSpec& wanted = use.port.shape.dims[index];
  const Dim& dim = dims[index];
  const bool is_letter = wanted.form == DimSpec::Form::Letter;
  if (wanted.form == DimSpec::Form::Any) return true;
  if (is_letter && !letters.contains(wanted.name)) {
    const Dim letter = symbols_.resolve(dim) * wanted.divisor / wanted.multiplier;
    if (letter.symbol() == Dim::kNoSymbol && !letter.is_known()) {
      const std::string because = text(": ", symbols_.describe(dim), " is not a multiple of ", wanted.multiplier);
      report_("E404", use.source.place, wants(use, dims, because), "");
      return false;
    }
    letters.emplace(wanted.name, letter);
    return true;
  }
  const Dim expected = size_of(wanted, letters, "", use.node);
  if (symbols_.unify(expected, dim) != Symbols::Verdict::Different) return true;
  std::string because = text(": ", symbols_.describe(dim), " is not ", symbols_.describe(expected));
  if (is_letter) {
    const Dim bound = letters.at(wanted.name);
    because += text(" (", wanted.name, " is ", symbols_.describe(bound), " at an earlier input)");
  }
  report_("E403", use.source.place, wants(use, dims, because), "");
  return false;
}

Dim PortSizes::size_of(const DimSpec& spec, Letters& letters, const std::string& owner, const FlatNode* node) {
  if (spec.form == DimSpec::Form::Number) return Dim(spec.number);
  if (spec.form == DimSpec::Form::Any) return symbols_.make(text("a size of ", owner));
  if (spec.form == DimSpec::Form::Parameter && node) {
    const auto value = node->params.find(spec.name);
    const ParamSpec* param = node->spec->find_param(spec.name);
    const ParamValue* number = value != node->params.end()     ? &value->second
                               : param && param->default_value ? &*param->default_value
                                                               : nullptr;
    if (number && std::holds_alternative<int64_t>(*number))
      return Dim(std::get<int64_t>(*number)) * spec.multiplier / spec.divisor;
  }
  auto bound = letters.find(spec.name);
  if (bound == letters.end()) bound = letters.emplace(spec.name, symbols_.make(text(spec.name, " of ", owner))).first;
  return symbols_.resolve(bound->second) * spec.multiplier / spec.divisor;
}

void PortSizes::report_fraction(const FlatNode& node, const PortSpec& output, size_t at, const Dim& size,
                                const Letters& letters) const {
  const std::string owner = text("node \"", node.path, "\": "),
                    of_output = text(" for its output ", output.name, ' ', output.declaration());
  const auto side = letters.find(at + 1 == output.shape.dims.size()   ? "W"
                                 : at + 2 == output.shape.dims.size() ? "H"
                                                                      : "");
  const Dim from = side == letters.end() ? size : symbols_.resolve(side->second);
  const Dim divisor = from * size.denominator() / size.numerator();
  if (from.is_known() && divisor.is_known()) {
    report_("E404", node.place,
            text(owner, side->first, " = ", from.value(), " is not a multiple of ", divisor.value(), ", but ",
                 node.spec->type, " divides it by ", divisor.value(), of_output),
            text("choose a height and a width that are multiples of ", divisor.value()));
    return;
  }
  report_("E404", node.place,
          text(owner, node.spec->type, " cannot divide ", size.numerator(), " by ", size.denominator(), of_output), "");
}

}  // namespace weft::graph
