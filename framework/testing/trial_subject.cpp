#include "framework/testing/trial_subject.h"

#include "framework/base/seed.h"
#include "framework/base/text.h"
#include "framework/weights/shape_text.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/isfinite.h>

#include <cstring>

namespace weft::testing {
namespace {

bool has_same_bytes(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() != b.scalar_type() || a.sizes() != b.sizes()) return false;
  const at::Tensor left = a.detach().cpu().contiguous(), right = b.detach().cpu().contiguous();
  return std::memcmp(left.const_data_ptr(), right.const_data_ptr(), left.nbytes()) == 0;
}

at::Device place_of(const TrialSetting& setting) {
  return setting.spec->on_host ? at::Device(at::kCPU) : setting.device;
}

/// A tensor where and in which numbers the node works.
at::Tensor placed(const at::Tensor& tensor, const TrialSetting& setting) {
  return tensor.to(place_of(setting),
                   tensor.is_floating_point() && setting.precision == at::kDouble ? at::kDouble : tensor.scalar_type());
}

}  // namespace

TrialSubject::TrialSubject(TrialSetting setting)
    : setting_(std::move(setting)), runner_(setting_.spec->type, *setting_.plugins, setting_.device, setting_.seed) {
  for (const auto& [name, value] : setting_.params) runner_.set(name, value);
  runner_.context().set_precision(setting_.precision);
  for (const auto& [port, values] : inputs(0)) {
    for (const Value& value : values) runner_.input(port, value);
  }
  runner_.shapes();
  if (!setting_.spec->is_trainable) return;
  nn::Module& network = runner_.module();
  network.initialise(at::make_generator<at::CPUGeneratorImpl>(setting_.inputs_seed));
  network.to(place_of(setting_), setting_.precision);
}

InputValues TrialSubject::inputs(int64_t t) const {
  const NodeSpec& spec = *setting_.spec;
  const uint64_t seed = derive_seed(setting_.inputs_seed, static_cast<uint64_t>(t));
  const InputValues made = random_inputs(spec, setting_.params, setting_.sizes, seed);
  std::vector<at::Tensor> tensors = tensors_of(spec, made);
  for (at::Tensor& tensor : tensors) tensor = placed(tensor, setting_);
  return with_tensors(spec, made, tensors);
}

std::vector<Value> TrialSubject::run(int64_t t, const InputValues& inputs) {
  runner_.clear_inputs();
  for (const auto& [port, values] : inputs) {
    for (const Value& value : values) runner_.input(port, value);
  }
  runner_.context().set_frame(t);
  runner_.run();
  std::vector<Value> outputs;
  for (const PortSpec& port : setting_.spec->outputs) outputs.push_back(runner_.value(port.name));
  return outputs;
}

std::optional<Dim> TrialSubject::expected(const DimSpec& dim) {
  switch (dim.form) {
    case DimSpec::Form::Number:
      return Dim(dim.number);
    case DimSpec::Form::Any:
      return {};
    case DimSpec::Form::Letter: {
      const auto letter = runner_.shapes().find(dim.name);
      return letter ? std::optional(*letter * dim.multiplier / dim.divisor) : std::nullopt;
    }
    case DimSpec::Form::Parameter: {
      if (const auto set = runner_.shapes().find(dim.name)) return set;
      const auto given = setting_.params.find(dim.name);
      const ParamSpec* param = setting_.spec->find_param(dim.name);
      if (given != setting_.params.end()) return Dim(std::get<int64_t>(given->second));
      return param && param->default_value ? std::optional(Dim(std::get<int64_t>(*param->default_value)))
                                           : std::nullopt;
    }
  }
  return {};
}

std::string TrialSubject::size_fault() {
  for (const PortSpec& port : setting_.spec->outputs) {
    for (const DimSpec& dim : port.shape.dims) {
      const auto size = expected(dim);
      if (size && size->denominator() != 1)
        return text("the output `", port.name, "` is ", port.declaration(), ", and the size cannot be divided");
    }
  }
  return {};
}

std::string TrialSubject::output_fault(size_t output, const Value& value) {
  const PortSpec& port = setting_.spec->outputs[output];
  const auto fault = [&](const auto&... what) { return text("the output `", port.name, "` ", what...); };
  if (!is_tensor(port.kind) && port.like.empty()) return {};
  const at::Tensor& tensor = value.tensor();
  if (!tensor.defined()) return fault("is nothing");
  const bool holds_ids = port.like.empty() && (port.kind == Kind::Labels || port.kind == Kind::Instances);
  if (holds_ids && tensor.scalar_type() != at::kLong) return fault("holds ids, but is no int64");
  if (port.kind == Kind::Scalar && tensor.dim() != 0)
    return fault("is declared as one number, but is ", weights::shape_text(tensor));
  const auto& dims = port.shape.dims;
  if (!port.shape.any_rank && port.kind != Kind::Scalar) {
    bool fits = tensor.dim() == static_cast<int64_t>(dims.size());
    for (size_t i = 0; fits && i < dims.size(); ++i) {
      const auto size = expected(dims[i]);
      fits = !size || (size->is_known() && size->value() == tensor.size(static_cast<int64_t>(i)));
    }
    if (!fits) return fault("is declared as ", port.declaration(), ", but is ", weights::shape_text(tensor));
  }
  return {};
}

std::string TrialSubject::number_fault(size_t output, const Value& value) const {
  for (const at::Tensor& tensor : tensors_in(value)) {
    if (tensor.is_floating_point() && !at::isfinite(tensor).all().item<bool>())
      return text("the output `", setting_.spec->outputs[output].name, "` holds numbers that are not finite");
  }
  return {};
}

std::string TrialSubject::shapes_text() const {
  std::vector<std::string> shapes;
  const InputValues made = inputs(0);
  for (const PortSpec& port : setting_.spec->inputs) {
    const auto values = made.find(port.name);
    if (values != made.end()) shapes.push_back(text(port.name, ' ', values->second.front().describe()));
  }
  return join(shapes);
}

bool are_same(const std::vector<Value>& a, const std::vector<Value>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    const std::vector<at::Tensor> left = tensors_in(a[i]), right = tensors_in(b[i]);
    if (left.size() != right.size()) return false;
    for (size_t j = 0; j < left.size(); ++j) {
      if (!has_same_bytes(left[j], right[j])) return false;
    }
    if (a[i].is_record() && a[i].record().counts() != b[i].record().counts()) return false;
    if (left.empty() && a[i].has_value() && a[i].describe() != b[i].describe()) return false;
  }
  return true;
}

}  // namespace weft::testing
