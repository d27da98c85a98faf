#include "framework/spec/node_spec.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <algorithm>
#include <limits>

namespace weft {
namespace {

template <typename Items>
auto find_by_name(const Items& items, std::string_view name) -> decltype(items.data()) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const auto& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

template <typename Items>
std::vector<std::string> names_of(const Items& items) {
  std::vector<std::string> names;
  for (const auto& item : items) names.push_back(item.name);
  return names;
}

}  // namespace

std::optional<Dim> Shapes::find(const std::string& name) const {
  const auto found = letters_.find(name);
  return found == letters_.end() ? std::nullopt : std::optional<Dim>(found->second);
}

Dim Shapes::operator[](char letter) const {
  if (const auto bound = find(std::string(1, letter))) return symbols ? symbols->resolve(*bound) : *bound;
  return symbols ? symbols->make(std::string(1, letter)) : Dim();
}

int64_t Shapes::known(const std::string& name) const {
  const auto bound = find(name);
  const Dim dim = bound && symbols ? symbols->resolve(*bound) : bound.value_or(Dim::of_symbol(0));
  if (dim.is_known()) return dim.value();
  throw Error(Exit::Graph, text("the size ", name, " is not known before the run, so the network cannot be created"))
      .hint("set a parameter that fixes the size on the node upstream, such as `classes` or `size`");
}

const std::vector<Dims>& Shapes::input(const std::string& port) const {
  static const std::vector<Dims> none;
  const auto found = inputs_.find(port);
  return found == inputs_.end() ? none : found->second;
}

std::optional<Dim> Shapes::sum(const std::string& port, size_t dimension) const {
  int64_t total = 0;
  for (const Dims& dims : input(port)) {
    if (dimension >= dims.size()) return {};
    const Dim dim = symbols ? symbols->resolve(dims[dimension]) : dims[dimension];
    if (!dim.is_known()) return {};
    if (__builtin_add_overflow(total, dim.value(), &total)) total = std::numeric_limits<int64_t>::max();
  }
  return Dim(total);
}

const PortSpec* NodeSpec::find_input(std::string_view name) const {
  return find_by_name(inputs, name);
}

const PortSpec* NodeSpec::find_output(std::string_view name) const {
  return find_by_name(outputs, name);
}

const ParamSpec* NodeSpec::find_param(std::string_view name) const {
  return find_by_name(params, name);
}

std::vector<std::string> NodeSpec::input_names() const {
  return names_of(inputs);
}

std::vector<std::string> NodeSpec::output_names() const {
  return names_of(outputs);
}

std::vector<std::string> NodeSpec::param_names() const {
  return names_of(params);
}

}  // namespace weft
