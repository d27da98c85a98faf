#include "framework/run/recompute.h"

#include "framework/run/autocast.h"

#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/ivalue.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace weft::run {
namespace {

using Tensors = std::vector<at::Tensor>;

/// All tensors of values, in the order of Value::map.
void add_tensors(const Value& value, Tensors& tensors) {
  value.visit([&](const std::string&, const at::Tensor& tensor) { tensors.push_back(tensor); });
}

/// The value with its tensors replaced by those of the list from `next` on.
Value with_tensors(const Value& value, const Tensors& tensors, size_t& next) {
  return value.map([&](const at::Tensor&) { return tensors[next++]; });
}

Tensors parameters_of(Node& node, nn::Parameter::Role role) {
  Tensors tensors;
  for (const auto& [key, parameter] : node.module()->tensors()) {
    if (parameter->role() == role && parameter->is_set()) tensors.push_back(**parameter);
  }
  return tensors;
}

/// One run of a node: what is needed to do it again.
struct Call : torch::CustomClassHolder {
  Node* node = nullptr;
  Context* context = nullptr;
  int64_t frame = 0;
  std::vector<std::vector<Value>> inputs;   ///< by port
  std::vector<std::vector<size_t>> places;  ///< by port
  std::vector<size_t> wired;                ///< by port
  std::vector<Value> outputs;               ///< of the first run, for their structure
  size_t input_tensors = 0;

  /// Runs the node on these tensors in the place of its inputs'.
  void run(const Tensors& tensors, std::vector<Value>& made) const {
    size_t next = 0;
    std::vector<std::vector<Value>> values(inputs.size());
    std::vector<std::vector<const Value*>> pointers(inputs.size());
    std::vector<PortInput> ports;
    for (size_t port = 0; port < inputs.size(); ++port) {
      for (const Value& value : inputs[port]) values[port].push_back(with_tensors(value, tensors, next));
      for (const Value& value : values[port]) pointers[port].push_back(&value);
      ports.push_back({pointers[port].data(), pointers[port].size(), places[port].data(), wired[port]});
    }
    node->run(ports, made, *context);
  }
};

Tensors tensors_of(const std::vector<Value>& values) {
  Tensors tensors;
  for (const Value& value : values) add_tensors(value, tensors);
  return tensors;
}

/// Runs the node again with gradients and leaves all else as it was.
std::vector<Value> run_again(const Call& call, const Tensors& inputs) {
  const Tensors statistics = parameters_of(*call.node, nn::Parameter::Role::Statistic);
  Tensors kept;
  for (const at::Tensor& statistic : statistics) kept.push_back(statistic.clone());
  const int64_t frame = call.context->frame();
  call.context->set_frame(call.frame);
  std::vector<Value> outputs(call.outputs.size());
  {
    const c10::AutoGradMode with_gradients(true);
    const Autocast autocast(call.context->device(), call.context->precision());
    call.run(inputs, outputs);
  }
  call.context->set_frame(frame);
  // A batch norm's graph holds its running statistics, and would take copying them for a change of what gradients need;
  // with the statistics of the batch they need nothing of them. Below the keys that count changes, none is counted.
  const at::AutoDispatchBelowADInplaceOrView uncounted;
  for (size_t i = 0; i < statistics.size(); ++i) statistics[i].copy_(kept[i]);
  return outputs;
}

struct Recomputing : torch::autograd::Function<Recomputing> {
  /// @param tensors  of the inputs, then the learnt ones of the network
  static Tensors forward(torch::autograd::AutogradContext* saved, const c10::intrusive_ptr<Call>& call,
                         at::TensorList tensors) {
    Tensors inputs(tensors.begin(), tensors.begin() + static_cast<std::ptrdiff_t>(call->input_tensors));
    saved->saved_data["call"] = c10::IValue::make_capsule(call);
    saved->save_for_backward(tensors.vec());
    call->run(inputs, call->outputs);
    Tensors outputs = tensors_of(call->outputs);
    // What holds the outputs would hold their graph, which holds this call.
    for (Value& output : call->outputs) output = output.map([](const at::Tensor& tensor) { return tensor.detach(); });
    Tensors whole;
    for (const at::Tensor& output : outputs) {
      if (!output.is_floating_point()) whole.push_back(output);
    }
    saved->mark_non_differentiable(whole);
    return outputs;
  }

  static Tensors backward(torch::autograd::AutogradContext* saved, Tensors gradients) {
    const auto capsule = saved->saved_data["call"].toCapsule();
    const auto* call = static_cast<const Call*>(capsule.get());
    const Tensors tensors = saved->get_saved_variables();
    Tensors inputs;
    for (size_t i = 0; i < call->input_tensors; ++i)
      inputs.push_back(tensors[i].detach().requires_grad_(tensors[i].requires_grad()));
    const Tensors outputs = tensors_of(run_again(*call, inputs));
    Tensors made, slopes, wanted;
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i].requires_grad() || !gradients[i].defined()) continue;
      made.push_back(outputs[i]);
      slopes.push_back(gradients[i]);
    }
    std::vector<size_t> places;
    for (size_t i = 0; i < tensors.size(); ++i) {
      if (!saved->needs_input_grad(i) || !tensors[i].requires_grad()) continue;
      places.push_back(i + 1);
      wanted.push_back(i < inputs.size() ? inputs[i] : tensors[i]);
    }
    Tensors results(tensors.size() + 1);  // the first is the call's
    if (made.empty() || wanted.empty()) return results;
    const Tensors found = torch::autograd::grad(made, wanted, slopes, false, false, /*allow_unused=*/true);
    for (size_t i = 0; i < places.size(); ++i) results[places[i]] = found[i];
    return results;
  }
};

}  // namespace

void run_recomputing(Node& node, std::span<const PortInput> inputs, std::span<Value> outputs, Context& context) {
  auto call = c10::make_intrusive<Call>();
  call->node = &node;
  call->context = &context;
  call->frame = context.frame();
  call->outputs.resize(outputs.size());
  Tensors tensors;
  for (const PortInput& port : inputs) {
    auto& values = call->inputs.emplace_back();
    for (size_t i = 0; i < port.count; ++i) {
      values.push_back(*port.values[i]);
      add_tensors(values.back(), tensors);
    }
    call->places.emplace_back(port.places, port.places + port.count);
    call->wired.push_back(port.wired);
  }
  call->input_tensors = tensors.size();
  // Of the inputs only the structure is kept here; their tensors are saved where autograd can see them.
  for (auto& values : call->inputs) {
    for (Value& value : values) value = value.map([](const at::Tensor& tensor) { return tensor.detach(); });
  }
  for (const at::Tensor& parameter : parameters_of(node, nn::Parameter::Role::Learnt)) tensors.push_back(parameter);
  const Tensors made = Recomputing::apply(call, at::TensorList(tensors));
  size_t next = 0;
  for (size_t i = 0; i < outputs.size(); ++i) outputs[i] = with_tensors(call->outputs[i], made, next);
}

}  // namespace weft::run
