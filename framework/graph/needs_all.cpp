#include "framework/graph/needs_all.h"

#include <algorithm>
#include <map>
#include <new>
#include <string>

namespace weft::graph {
namespace {

/// Stands for a size that is not known before the run; networks can halve it often.
constexpr int64_t kSomeSize = 4096;

/// Whether the size of each value is its own: only then can that of the node follow from it.
bool has_free_sizes(const PortSpec& port) {
  return port.shape.any_rank || std::any_of(port.shape.dims.begin(), port.shape.dims.end(),
                                            [](const DimSpec& dim) { return dim.form == DimSpec::Form::Any; });
}

Dim with_number(const Dim& dim, const Symbols& symbols) {
  const Dim size = symbols.resolve(dim);
  return size.is_known() ? size : Dim(size.numerator()) * std::max(kSomeSize / size.denominator(), int64_t{1});
}

/// The sizes of a node, with a number in the place of each that is not known.
Shapes with_numbers(const FlatNode& node, const Shapes& shapes, const Symbols& symbols) {
  Shapes numbers;
  for (const auto& [letter, dim] : shapes.letters()) numbers.set(letter, with_number(dim, symbols));
  for (const PortSpec& input : node.spec->inputs) {
    for (Dims dims : shapes.input(input.name)) {
      for (Dim& dim : dims) dim = with_number(dim, symbols);
      numbers.add_input(input.name, std::move(dims));
    }
  }
  return numbers;
}

/// The letters that the node's own hook sets, with only the values of a port at `from` … `to` - 1.
std::map<std::string, Dim> letters_with(const FlatNode& node, const Shapes& all, size_t port, size_t from, size_t to) {
  Symbols symbols;
  Shapes some;
  some.symbols = &symbols;
  for (const auto& [letter, dim] : all.letters()) some.set(letter, dim);
  for (const PortSpec& input : node.spec->inputs) {
    const std::vector<Dims>& values = all.input(input.name);
    const bool is_port = &input == &node.spec->inputs[port];
    for (size_t i = is_port ? from : 0; i < (is_port ? to : values.size()); ++i) some.add_input(input.name, values[i]);
  }
  try {
    node.spec->shape(node.all_params(), some);
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {  // it cannot be without the others
    return {};
  }
  return some.letters();
}

}  // namespace

std::vector<char> inputs_that_need_all(const FlatNode& node, const Shapes& shapes, const Symbols& symbols) {
  std::vector<char> needs_all(node.spec->inputs.size(), 0);
  if (!node.spec->shape || node.has_faults) return needs_all;
  const bool has_variadic = std::any_of(node.spec->inputs.begin(), node.spec->inputs.end(), [](const PortSpec& input) {
    return input.arity == PortSpec::Arity::Many && has_free_sizes(input);
  });
  if (!has_variadic) return needs_all;
  const Shapes all = with_numbers(node, shapes, symbols);
  for (size_t port = 0; port < needs_all.size(); ++port) {
    const PortSpec& input = node.spec->inputs[port];
    const size_t count = all.input(input.name).size();
    if (input.arity != PortSpec::Arity::Many || count < 2 || !has_free_sizes(input)) continue;
    const auto whole = letters_with(node, all, port, 0, count);
    const bool follows =
        letters_with(node, all, port, 0, 1) != whole || letters_with(node, all, port, 1, count) != whole;
    needs_all[port] = follows ? 1 : 0;
  }
  return needs_all;
}

}  // namespace weft::graph
