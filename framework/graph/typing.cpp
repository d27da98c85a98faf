#include "framework/graph/typing.h"

#include "framework/base/text.h"

namespace weft::graph {

std::string Typing::describe(const ValueType& type) const {
  if (!type.kind) return "something unknown";
  return text(name_of(*type.kind), type.dims && !type.dims->empty() ? symbols.describe(*type.dims) : "");
}

const ValueType* Typing::type_of(const FlatTerm& term) const {
  if (term.source == FlatTerm::Source::Output) return &output(term.index, term.output);
  return term.source == FlatTerm::Source::Stream ? &streams[static_cast<size_t>(term.index)] : nullptr;
}

std::optional<int64_t> Typing::bytes_of(const ValueType& type) const {
  if (!type.dims || !type.kind || !is_tensor(*type.kind)) return {};
  const bool has_ids = *type.kind == Kind::Labels || *type.kind == Kind::Instances;
  Dim bytes = has_ids ? 8 : 4;
  for (const Dim& dim : *type.dims) {
    const Dim size = symbols.resolve(dim);
    if (!size.is_known()) return {};
    bytes = bytes * size.value();
  }
  return bytes.value();
}

}  // namespace weft::graph
