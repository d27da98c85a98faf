#include "framework/testing/finite_differences.h"

#include "framework/base/seed.h"
#include "framework/base/text.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

namespace weft::testing {
namespace {

constexpr double kStep = 1e-6;
constexpr double kTolerance = 1e-4;
constexpr double kRounding = 1e-7;  // of a difference of two sums near 1, divided by the step

/// Some of the tensors that L depends on, under one name.
struct Group {
  std::string name;
  std::vector<size_t> leaves;
};

class Comparison {
 public:
  explicit Comparison(const TrialSetting& setting)
      : subject_(setting),
        inputs_(subject_.inputs(0)),
        generator_(at::make_generator<at::CPUGeneratorImpl>(derive_seed(setting.inputs_seed, "directions"))) {
    add_inputs();
    add_weights();
  }

  GradientVerdict verdict();

 private:
  void add_inputs();
  void add_weights();
  at::Tensor loss(const std::vector<at::Tensor>& leaves);
  at::Tensor random(at::IntArrayRef sizes) {
    return at::randn(sizes, generator_, at::TensorOptions().dtype(at::kDouble));
  }
  double slope_by_differences(const Group& group, const std::vector<at::Tensor>& directions);
  std::string fault_of(const Group& group, const std::vector<at::Tensor>& directions);

  TrialSubject subject_;
  InputValues inputs_;
  at::Generator generator_;
  size_t input_count_ = 0;  // the first leaves are all tensors of the inputs
  std::vector<at::Tensor> leaves_;
  std::vector<nn::Parameter*> weights_;  // the others are these
  std::vector<Group> groups_;
  std::vector<at::Tensor> output_weights_;
  double loss_size_ = 0;
  bool is_narrowed_ = false;  // whether an output with gradients is no double
};

void Comparison::add_inputs() {
  for (const PortSpec& port : subject_.setting().spec->inputs) {
    Group group{text("its input `", port.name, '`'), {}};
    for (const Value& value : inputs_[port.name]) {
      for (const at::Tensor& tensor : tensors_in(value)) {
        if (tensor.is_floating_point()) group.leaves.push_back(leaves_.size());
        leaves_.push_back(tensor);
      }
    }
    if (!group.leaves.empty()) groups_.push_back(std::move(group));
  }
  input_count_ = leaves_.size();
}

void Comparison::add_weights() {
  if (!subject_.setting().spec->is_trainable) return;
  Group group{"its weights", {}};
  for (const auto& [key, parameter] : subject_.runner().module().tensors()) {
    if (parameter->role() != nn::Parameter::Role::Learnt) continue;
    group.leaves.push_back(leaves_.size());
    leaves_.push_back(**parameter);
    weights_.push_back(parameter);
  }
  if (!group.leaves.empty()) groups_.push_back(std::move(group));
}

at::Tensor Comparison::loss(const std::vector<at::Tensor>& leaves) {
  const NodeSpec& spec = *subject_.setting().spec;
  for (size_t i = 0; i < weights_.size(); ++i) weights_[i]->set(leaves[input_count_ + i]);
  subject_.reset();
  const auto end_of_inputs = leaves.begin() + static_cast<std::ptrdiff_t>(input_count_);
  at::Tensor sum = at::zeros({}, at::kDouble);
  size_t next = 0;
  for (const Value& output : subject_.run(0, with_tensors(spec, inputs_, {leaves.begin(), end_of_inputs}))) {
    for (const at::Tensor& tensor : tensors_in(output)) {
      if (!tensor.is_floating_point()) continue;
      is_narrowed_ = is_narrowed_ || (tensor.requires_grad() && tensor.scalar_type() != at::kDouble);
      if (next == output_weights_.size()) output_weights_.push_back(random(tensor.sizes()));
      sum = sum + (tensor.to(at::kDouble) * output_weights_[next++]).sum();
    }
  }
  return sum;
}

double Comparison::slope_by_differences(const Group& group, const std::vector<at::Tensor>& directions) {
  const at::NoGradGuard without_gradients;
  const auto at_step = [&](double step) {
    std::vector<at::Tensor> moved;
    for (const at::Tensor& leaf : leaves_) moved.push_back(leaf.detach());
    for (size_t i = 0; i < group.leaves.size(); ++i) {
      at::Tensor& leaf = moved[group.leaves[i]];
      leaf = leaf + directions[i] * step;
    }
    return loss(moved).item<double>();
  };
  return (at_step(kStep) - at_step(-kStep)) / (2 * kStep);
}

std::string Comparison::fault_of(const Group& group, const std::vector<at::Tensor>& directions) {
  double slope = 0;
  bool is_reached = false;
  for (size_t i = 0; i < group.leaves.size(); ++i) {
    const at::Tensor gradient = leaves_[group.leaves[i]].grad();
    if (!gradient.defined()) continue;
    is_reached = true;
    slope += (gradient * directions[i]).sum().item<double>();
  }
  const double measured = slope_by_differences(group, directions);
  const double tolerance = kTolerance * std::max({std::abs(slope), std::abs(measured)}) + kRounding * (1 + loss_size_);
  if (std::abs(slope - measured) <= tolerance) return {};  // never so where one of them is no number
  if (!is_reached)
    return text("no gradient reaches ", group.name, ", on which the outputs depend: their slope is ", measured);
  return text("the slope along ", group.name, " is ", measured, ", but by the gradients ", slope);
}

GradientVerdict Comparison::verdict() {
  for (const Group& group : groups_) {
    for (const size_t leaf : group.leaves) leaves_[leaf] = leaves_[leaf].detach().clone().requires_grad_();
  }
  const at::Tensor total = loss(leaves_);
  if (output_weights_.empty()) return {GradientVerdict::Outcome::NotDifferentiable, "its outputs are no real numbers"};
  if (!total.requires_grad())
    return {GradientVerdict::Outcome::NotDifferentiable,
            "its outputs do not depend on its inputs by differentiable steps"};
  if (is_narrowed_)
    return {GradientVerdict::Outcome::Differ, "it gives float where its inputs are double: nothing can be compared"};
  total.backward();
  loss_size_ = std::abs(total.item<double>());
  for (const Group& group : groups_) {
    std::vector<at::Tensor> directions;
    for (const size_t leaf : group.leaves) directions.push_back(random(leaves_[leaf].sizes()));
    const std::string fault = fault_of(group, directions);
    if (!fault.empty()) return {GradientVerdict::Outcome::Differ, fault};
  }
  return {};
}

}  // namespace

GradientVerdict compare_gradients(TrialSetting setting) {
  constexpr int kDraws = 3, kCounting = 2;
  setting.device = at::kCPU;
  setting.precision = at::kDouble;
  GradientVerdict last;
  int faults = 0;
  for (int draw = 0; draw < kDraws && faults < kCounting && faults + kDraws - draw >= kCounting; ++draw) {
    setting.inputs_seed = derive_seed(setting.inputs_seed, static_cast<uint64_t>(draw));
    const GradientVerdict verdict = Comparison(setting).verdict();
    if (verdict.outcome == GradientVerdict::Outcome::NotDifferentiable) return verdict;
    if (verdict.outcome == GradientVerdict::Outcome::Differ) {
      ++faults;
      last = verdict;
    }
  }
  return faults >= kCounting ? last : GradientVerdict();
}

}  // namespace weft::testing
