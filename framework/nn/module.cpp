#include "framework/nn/module.h"

#include "framework/base/error.h"
#include "framework/weights/shape_text.h"

#include <ATen/ops/empty.h>

#include <cassert>
#include <cmath>
#include <numeric>

namespace weft::nn {

Init Init::of(const std::vector<int64_t>& shape) const {
  if (rule != Rule::FanIn && rule != Rule::XavierNormal && rule != Rule::XavierUniform) return *this;
  assert(shape.size() >= 2);
  const int64_t pixels = std::accumulate(shape.begin() + 2, shape.end(), int64_t{1}, std::multiplies<>());
  const auto in = static_cast<double>(shape[1] * pixels), out = static_cast<double>(shape[0] * pixels);
  if (rule == Rule::FanIn) return uniform(spread / std::sqrt(in));
  return rule == Rule::XavierNormal ? normal(0, spread * std::sqrt(2 / (in + out)))
                                    : uniform(spread * std::sqrt(6 / (in + out)));
}

at::MemoryFormat layout_of(at::ScalarType type) {
  return type == at::kFloat || type == at::kDouble ? at::MemoryFormat::Contiguous : at::MemoryFormat::ChannelsLast;
}

at::Tensor laid_out(const at::Tensor& tensor, at::ScalarType type) {
  return tensor.contiguous(tensor.dim() == 4 ? layout_of(type) : at::MemoryFormat::Contiguous);
}

Parameter::Parameter(Module& owner, std::string name, std::vector<int64_t> shape, Init init, Role role,
                     at::ScalarType type)
    : name_(std::move(name)), shape_(std::move(shape)), init_(init), role_(role), type_(type) {
  owner.items_.push_back({this, nullptr});
}

int64_t Parameter::count() const {
  return std::accumulate(shape_.begin(), shape_.end(), int64_t{1}, std::multiplies<>());
}

void Parameter::set(at::Tensor tensor) {
  if (tensor.sizes() != at::IntArrayRef(shape_)) {
    throw Error(Exit::Data, text("`", name_, "` has the shape ", weights::shape_text(tensor),
                                 ", but the network wants ", weights::shape_text(shape_)));
  }
  tensor_ = std::move(tensor);
}

void Parameter::initialise(at::Generator generator) {
  at::Tensor tensor = at::empty(shape_, at::TensorOptions().dtype(type_));
  const Init init = init_.of(shape_);
  switch (init.rule) {
    case Init::Rule::Zeros:
      return set(tensor.zero_());
    case Init::Rule::Ones:
      return set(tensor.fill_(1));
    case Init::Rule::Normal:
      return set(tensor.normal_(init.mean, init.spread, generator));
    case Init::Rule::Uniform:
      return set(tensor.uniform_(-init.spread, init.spread, generator));
    case Init::Rule::UnitNormal:
      tensor.normal_(0, 1, generator);
      return set(tensor.div_(tensor.norm().clamp_min_(1e-12)));
    case Init::Rule::FanIn:
    case Init::Rule::XavierNormal:
    case Init::Rule::XavierUniform:
      assert(false);  // Init::of has put another rule in their place
  }
}

Module::Module(Module& parent, std::string name) : name_(std::move(name)) {
  parent.items_.push_back({nullptr, this});
}

void Module::collect(const std::string& prefix, std::vector<Entry>& entries) {
  for (const Item& item : items_) {
    if (item.parameter) {
      entries.push_back({prefix + item.parameter->name(), item.parameter});
    } else {
      item.child->collect(item.child->name_.empty() ? prefix : prefix + item.child->name_ + '.', entries);
    }
  }
}

std::vector<Module::Entry> Module::tensors() {
  std::vector<Entry> entries;
  collect("", entries);
  return entries;
}

void Module::to(at::Device device, at::ScalarType type) {
  for (const auto& [key, parameter] : tensors()) {
    const at::Tensor& own = **parameter;
    if (!own.defined()) continue;
    const bool changes_type = parameter->role() == Parameter::Role::Learnt && own.is_floating_point();
    parameter->set(laid_out(own.to(device, changes_type ? type : own.scalar_type()), type));
  }
}

void Module::initialise(at::Generator generator) {
  for (const auto& [key, parameter] : tensors()) parameter->initialise(generator);
}

void Module::train(bool is_training) {
  is_training_ = is_training;
  for (const Item& item : items_) {
    if (item.child) item.child->train(is_training);
  }
}

}  // namespace weft::nn
