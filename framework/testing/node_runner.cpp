#include "framework/testing/node_runner.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <cstdlib>

namespace weft::testing {
namespace {

const NodeSpec& spec_of(const std::string& type, const plugin::Plugins& plugins) {
  const NodeSpec* spec = plugins.find(type);
  if (spec) return *spec;
  throw Error(Exit::Plugin, text("there is no node type ", type, ' ', plugins.refusal(type.substr(0, type.find('.')))));
}

Dims dims_of(at::IntArrayRef sizes) {
  return {sizes.begin(), sizes.end()};
}

/// Binds the letters of a port to the sizes of a value.
void bind(const PortSpec& port, const Dims& dims, Shapes& shapes) {
  if (port.shape.any_rank) return;
  if (dims.size() != port.shape.dims.size()) {
    throw Error(Exit::Graph,
                text("input `", port.name, "` wants ", port.declaration(), ", but got ", dims.size(), " dimensions"));
  }
  for (size_t i = 0; i < dims.size(); ++i) {
    const DimSpec& wanted = port.shape.dims[i];
    if (wanted.form == DimSpec::Form::Number && wanted.number != dims[i].value()) {
      throw Error(Exit::Graph, text("input `", port.name, "` wants ", port.declaration(), ", but dimension ", i, " is ",
                                    dims[i].value()));
    }
    if (wanted.form != DimSpec::Form::Letter) continue;
    const Dim letter = dims[i] * wanted.divisor / wanted.multiplier;
    const auto bound = shapes.find(wanted.name);
    if (bound && !(*bound == letter)) {
      throw Error(Exit::Graph, text("input `", port.name, "` wants ", port.declaration(), ", but ", wanted.name, " is ",
                                    bound->value(), " elsewhere and ", letter.value(), " here"));
    }
    shapes.set(wanted.name, letter);
  }
}

}  // namespace

const plugin::Plugins& NodeRunner::built_plugins() {
  static const plugin::Plugins plugins([] {
    const char* folder = std::getenv("WEFT_PLUGINS_UNDER_TEST");
    return folder ? std::vector<std::string>{folder} : plugin::default_folders();
  }());
  return plugins;
}

NodeRunner::NodeRunner(const std::string& type, const plugin::Plugins& plugins, at::Device device, uint64_t seed)
    : plugins_(plugins), spec_(spec_of(type, plugins)), context_(type, seed, device, at::kFloat, log_) {}

NodeRunner& NodeRunner::set(const std::string& param, ParamValue value) {
  const ParamSpec* spec = spec_.find_param(param);
  if (!spec) throw Error(Exit::Graph, text(spec_.type, " has no parameter `", param, '`'));
  const auto converted = convert(value, spec->type);
  if (!converted) throw Error(Exit::Graph, text('`', param, "` wants ", describe(spec->type)));
  const std::string fault = range_fault(*spec, *converted);
  if (!fault.empty()) throw Error(Exit::Graph, text('`', param, "` ", fault));
  params_[param] = *converted;
  return *this;
}

NodeRunner& NodeRunner::input(const std::string& port, Value value) {
  const PortSpec* spec = spec_.find_input(port);
  if (!spec) throw Error(Exit::Graph, text(spec_.type, " has no input `", port, '`'));
  if (spec->arity != PortSpec::Arity::Many) inputs_[port].clear();
  inputs_[port].push_back(std::move(value));
  return *this;
}

NodeRunner& NodeRunner::clear_inputs() {
  inputs_.clear();
  return *this;
}

Node& NodeRunner::node() {
  make();
  return *node_;
}

void NodeRunner::make() {
  if (node_) return;
  node_ = plugins_.make(spec_.type);
  node_->configure(params_);
  if (Source* source = node_->as_source()) source->next_sequence(context_);
}

void NodeRunner::build() {
  make();
  if (is_built_) return;
  is_built_ = true;
  for (const PortSpec& port : spec_.inputs) {
    for (const Value& value : inputs_[port.name]) {
      if (!is_tensor(port.kind) || !value.has_value()) continue;
      const Dims dims = dims_of(value.sizes());
      shapes_.add_input(port.name, dims);
      bind(port, dims, shapes_);
    }
  }
  if (spec_.shape) spec_.shape(params_, shapes_);
  node_->build(shapes_);
}

const Shapes& NodeRunner::shapes() {
  build();
  return shapes_;
}

nn::Module& NodeRunner::module() {
  build();
  return *node_->module();
}

NodeRunner& NodeRunner::run() {
  build();
  std::vector<std::vector<const Value*>> values;
  std::vector<std::vector<size_t>> places;
  std::vector<PortInput> ports;
  values.reserve(spec_.inputs.size());
  places.reserve(spec_.inputs.size());
  for (const PortSpec& port : spec_.inputs) {
    const std::vector<Value>& wired = inputs_[port.name];
    auto& of_port = values.emplace_back();
    auto& places_of_port = places.emplace_back();
    for (size_t place = 0; place < wired.size(); ++place) {
      if (!wired[place].has_value()) continue;
      of_port.push_back(&wired[place]);
      places_of_port.push_back(place);
    }
    if (port.arity != PortSpec::Arity::Optional && of_port.empty()) {
      throw Error(Exit::Graph, text(spec_.type, ": nothing is wired to the input `", port.name, '`'));
    }
    ports.push_back({of_port.data(), of_port.size(), places_of_port.data(), wired.size()});
  }
  outputs_.assign(spec_.outputs.size(), {});
  has_values_ = node_->run(ports, outputs_, context_);
  context_.set_frame(context_.frame() + 1);
  return *this;
}

const Value& NodeRunner::value(const std::string& output) const {
  for (size_t i = 0; i < spec_.outputs.size(); ++i) {
    if (spec_.outputs[i].name == output) return outputs_.at(i);
  }
  throw Error(Exit::Graph, text(spec_.type, " has no output `", output, '`'));
}

}  // namespace weft::testing
