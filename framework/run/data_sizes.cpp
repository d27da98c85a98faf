#include "framework/run/data_sizes.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace weft::run {

using graph::FlatNode;
using graph::Read;
using graph::Step;

bool unify(Symbols& symbols, const Dims& dims, at::IntArrayRef sizes) {
  bool fits = sizes.size() == dims.size();
  for (size_t i = 0; fits && i < sizes.size(); ++i)
    fits = symbols.unify(dims[i], Dim(sizes[i])) != Symbols::Verdict::Different;
  return fits;
}

DataSizes::DataSizes(const graph::Plan& plan)
    : plan_(plan), symbols_(plan.typing.symbols), is_learnt_(plan.steps.size(), 0) {}

void DataSizes::begin_sequence() {
  symbols_ = plan_.typing.symbols;
  std::fill(is_learnt_.begin(), is_learnt_.end(), 0);
}

void DataSizes::learn(const Step& step, std::span<const Value> outputs, bool is_input) {
  char& is_learnt = is_learnt_[static_cast<size_t>(&step - plan_.steps.data())];
  if (is_learnt != 0) return;
  is_learnt = 1;
  const FlatNode& node = plan_.graph.nodes[static_cast<size_t>(step.node)];
  for (size_t output = 0; output < outputs.size(); ++output) {
    const graph::ValueType& type = plan_.typing.outputs[static_cast<size_t>(step.node)][output];
    if (!type.dims || !type.kind || !is_tensor(*type.kind) || !outputs[output].has_value()) continue;
    if (unify(symbols_, *type.dims, outputs[output].sizes())) continue;
    throw Error(is_input ? Exit::Data : Exit::Failed, node.place,
                text("node \"", node.path, "\": its ", node.spec->outputs[output].name, " is ",
                     outputs[output].describe(), ", but ", symbols_.describe(*type.dims), " was expected"))
        .hint(is_input
                  ? "sources that are used together must have one size; set `size` on each"
                  : "what it is made from is of another size or number than what it is used with: sources that are "
                    "used together must agree");
  }
  if (is_input) check_divisions();
}

/// What could not be divided before the sizes were known.
void DataSizes::check_divisions() const {
  for (const Step& step : plan_.steps) {
    const FlatNode& node = plan_.graph.nodes[static_cast<size_t>(step.node)];
    for (const graph::ValueType& type : plan_.typing.outputs[static_cast<size_t>(step.node)]) {
      for (const Dim& dim : type.dims.value_or(Dims())) {
        const Dim size = symbols_.resolve(dim);
        if (size.symbol() != Dim::kNoSymbol || size.is_known()) continue;
        throw Error(Exit::Data, node.place,
                    text("node \"", node.path, "\": ", node.spec->type, " cannot divide ", size.numerator(), " by ",
                         size.denominator()))
            .hint("set `size` on the sources to a height and width that are divisible");
      }
    }
  }
}

std::vector<int64_t> DataSizes::frame_sizes(const FlatNode& reader, const Read& read, bool inside_window) const {
  std::vector<int64_t> sizes;
  const Dims dims = read.type.dims.value_or(Dims());
  for (size_t i = 0; i < dims.size(); ++i) {
    if (inside_window && i == 1) continue;  // [B, frames, …]
    const Dim size = symbols_.resolve(dims[i]);
    if (!size.is_known()) {
      throw Error(Exit::Graph, reader.place,
                  text("node \"", reader.path, "\": the size of the zeros in \"", read.text,
                       "\" is not known: ", symbols_.describe(dims)))
          .hint("give the source a `size`");
    }
    sizes.push_back(size.value());
  }
  return sizes;
}

}  // namespace weft::run
