#include "framework/testing/device_agreement.h"

#include "framework/base/seed.h"
#include "framework/base/text.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/randn.h>

#include <algorithm>

namespace weft::testing {
namespace {

constexpr int64_t kFrames = 3;
constexpr double kSmallest = 1e-3;  // a largest number that is smaller counts as this

using Tensors = std::vector<at::Tensor>;

/// "differs from the CPU's by …", or empty.
std::string difference(const at::Tensor& here, const at::Tensor& other, double tolerance) {
  if (here.sizes() != other.sizes()) return "has another size than the CPU's";
  const at::Tensor left = here.detach().to(at::kDouble), right = other.detach().cpu().to(at::kDouble);
  const double largest = left.numel() ? left.abs().max().item<double>() : 0;
  const double difference = left.numel() ? (left - right).abs().max().item<double>() : 0;
  if (difference <= tolerance * std::max(largest, kSmallest)) return {};  // never so where one of them is no number
  return text("differs from the CPU's by ", difference, ", where the largest number is ", largest);
}

/// A node on one device, with all that gradients can be taken for.
class Run {
 public:
  explicit Run(const TrialSetting& setting) : subject_(setting) {}

  /// Outputs of frame t.
  std::vector<Value> frame(int64_t t) { return subject_.run(t); }
  /// The same with gradients; for inputs() and weights().
  std::vector<Value> frame_with_gradients(int64_t t) {
    const NodeSpec& spec = *subject_.setting().spec;
    const InputValues made = subject_.inputs(t);
    inputs_ = tensors_of(spec, made);
    for (at::Tensor& input : inputs_) {
      if (input.is_floating_point()) input = input.detach().requires_grad_();
    }
    weights_.clear();
    if (spec.is_trainable) {
      for (const auto& [key, parameter] : subject_.runner().module().tensors()) {
        if (parameter->role() != nn::Parameter::Role::Learnt) continue;
        parameter->set((*parameter)->detach().requires_grad_());
        weights_.emplace_back(key, **parameter);
      }
    }
    subject_.reset();
    return subject_.run(t, with_tensors(spec, made, inputs_));
  }

  const Tensors& inputs() const { return inputs_; }
  const std::vector<std::pair<std::string, at::Tensor>>& weights() const { return weights_; }

 private:
  TrialSubject subject_;
  Tensors inputs_;
  std::vector<std::pair<std::string, at::Tensor>> weights_;
};

/// A sum of all outputs with random weights, the same on each device.
at::Tensor sum_of(const std::vector<Value>& outputs, uint64_t seed) {
  at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(derive_seed(seed, "sum"));
  at::Tensor sum;
  for (const Value& output : outputs) {
    for (const at::Tensor& tensor : tensors_in(output)) {
      if (!tensor.is_floating_point()) continue;
      const at::Tensor weights = at::randn(tensor.sizes(), generator).to(tensor.device());
      if (!tensor.requires_grad()) continue;
      const at::Tensor part = (tensor.to(at::kFloat) * weights).sum();
      sum = sum.defined() ? sum + part : part;
    }
  }
  return sum;
}

class Comparison {
 public:
  Comparison(const TrialSetting& setting, at::Device device, double tolerance)
      : spec_(*setting.spec), seed_(setting.inputs_seed), tolerance_(tolerance), here_(setting), there_([&] {
          TrialSetting moved = setting;
          moved.device = device;
          return moved;
        }()) {}

  DeviceVerdict outputs();
  DeviceVerdict gradients();

 private:
  DeviceVerdict of_output(size_t output, const at::Tensor& here, const at::Tensor& there, int64_t t) const;
  std::string of_gradient(const at::Tensor& here, const at::Tensor& there, const std::string& name) const;

  const NodeSpec& spec_;
  uint64_t seed_;
  double tolerance_;
  Run here_, there_;
};

DeviceVerdict Comparison::of_output(size_t output, const at::Tensor& here, const at::Tensor& there, int64_t t) const {
  const std::string name = text("the output `", spec_.outputs[output].name, "` ");
  if (there.device().is_cpu() && here.dim() > 0 && !spec_.on_host)
    return {name + "is on the CPU", "make tensors with x.options(), or say static constexpr bool on_host = true;"};
  const std::string by = difference(here, there, tolerance_);
  if (by.empty()) return {};
  return {text(name, by, ", in frame ", t), "compare its steps on both devices in a test"};
}

DeviceVerdict Comparison::outputs() {
  for (int64_t t = 0; t < kFrames; ++t) {
    const std::vector<Value> here = here_.frame(t), there = there_.frame(t);
    for (size_t i = 0; i < here.size(); ++i) {
      const Tensors a = tensors_in(here[i]), b = tensors_in(there[i]);
      for (size_t j = 0; j < a.size(); ++j) {
        DeviceVerdict verdict = of_output(i, a[j], b[j], t);
        if (!verdict.fault.empty()) return verdict;
      }
    }
  }
  return {};
}

std::string Comparison::of_gradient(const at::Tensor& here, const at::Tensor& there, const std::string& name) const {
  const at::Tensor left = here.grad(), right = there.grad();
  if (left.defined() != right.defined())
    return text("the gradient of ", name, left.defined() ? " is missing" : " is there, though not on the CPU");
  const std::string by = left.defined() ? difference(left, right, tolerance_) : "";
  return by.empty() ? "" : text("the gradient of ", name, ' ', by);
}

DeviceVerdict Comparison::gradients() {
  const at::Tensor here = sum_of(here_.frame_with_gradients(0), seed_);
  const at::Tensor there = sum_of(there_.frame_with_gradients(0), seed_);
  if (!here.defined() && !there.defined()) return {};
  const std::string way_out = "compute with the input's type and device (x.options())";
  if (here.defined() != there.defined())
    return {text("its outputs have gradients only on ", here.defined() ? "the CPU" : "the device"), way_out};
  here.backward();
  there.backward();
  std::string fault;
  for (size_t i = 0; i < here_.inputs().size() && fault.empty(); ++i)
    fault = of_gradient(here_.inputs()[i], there_.inputs()[i], text("input tensor ", i));
  for (size_t i = 0; i < here_.weights().size() && fault.empty(); ++i)
    fault = of_gradient(here_.weights()[i].second, there_.weights()[i].second,
                        text("the weight ", here_.weights()[i].first));
  return {fault, fault.empty() ? "" : way_out};
}

}  // namespace

DeviceVerdict compare_devices(const TrialSetting& setting, at::Device device, Compared compared, double tolerance) {
  Comparison comparison(setting, device, tolerance);
  DeviceVerdict verdict = comparison.outputs();
  if (verdict.fault.empty() && compared == Compared::OutputsAndGradients && !setting.spec->stops_gradients)
    verdict = comparison.gradients();
  return verdict;
}

}  // namespace weft::testing
