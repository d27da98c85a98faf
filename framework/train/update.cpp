#include "framework/train/update.h"

#include "framework/base/text.h"
#include "framework/run/finite.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/stack.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

namespace weft::train {
namespace {

/// The mean of a loss over the times at which it is present. A folded loss has one value, which each time has.
at::Tensor mean_of(const std::vector<Value>& values) {
  if (values.empty()) return {};
  const at::Tensor first = values.front().tensor();
  const bool is_one =
      std::all_of(values.begin(), values.end(), [&](const Value& value) { return value.tensor().is_same(first); });
  if (is_one) return first.to(at::kFloat);
  std::vector<at::Tensor> all;
  for (const Value& value : values) all.push_back(value.tensor().to(at::kFloat));
  return at::stack(all).mean();
}

/// Whether a tensor of this key belongs to the running statistics of a norm. Beside averaged parameters those of the last steps
/// would be wrong: those of a network whose values have other means and variances.
bool is_running_statistic(const std::string& key) {
  return key.ends_with("running_mean") || key.ends_with("running_var");
}

/// Stands for a gradient that no loss has reached yet.
constexpr const char* kUndefined = "/undefined";

}  // namespace

std::string tensor_name(const graph::FlatNode& node, const std::string& key) {
  return text(node.path, '/', key);
}

Update::Update(const graph::Plan& plan, const graph::Update& described, const std::vector<Node*>& nodes)
    : name_(described.name),
      use_(graph::name_of(described.settings.rule)),
      schedule_(described.settings.schedule),
      rate_(described.settings.rate),
      warmup_(described.settings.warmup),
      accumulate_(described.settings.accumulate),
      ratio_(described.settings.ratio),
      clip_(described.settings.clip),
      average_decay_(described.settings.average_decay),
      average_warms_up_(std::get<bool>(described.settings.values.at("ema_warmup"))) {
  for (const graph::LossTerm& loss : described.losses) {
    if (loss.weight == 0) continue;
    wanted_.push_back({loss.text, loss.weight, {}});
    goals_.push_back(plan.graph.find_loss(described, loss));
  }
  find_parameters(plan, described, nodes);
  optimiser_ = std::make_unique<Optimiser>(described.settings, names_);
  gradients_.resize(parameters_.size());
  if (!average_decay_) return;
  for (const nn::Parameter* parameter : averaged_) averages_.push_back((*parameter)->detach().clone());
}

void Update::find_parameters(const graph::Plan& plan, const graph::Update& described, const std::vector<Node*>& nodes) {
  std::vector<nn::Parameter*> statistics;
  std::vector<std::string> names_of_statistics;
  for (const int index : described.nodes) {
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(index)];
    const bool runs = std::any_of(plan.steps.begin(), plan.steps.end(), [&](const graph::Step& step) {
      return step.node == index || plan.graph.nodes[static_cast<size_t>(step.node)].shares == index;
    });
    if (!runs) {
      idle_.push_back(node.path);
      continue;
    }
    for (const auto& [key, parameter] : nodes[static_cast<size_t>(index)]->module()->tensors()) {
      if (parameter->role() != nn::Parameter::Role::Learnt) {
        if (!is_running_statistic(key)) continue;
        statistics.push_back(parameter);
        names_of_statistics.push_back(tensor_name(node, key));
        continue;
      }
      parameter->set((*parameter)->detach().clone().requires_grad_(true));
      parameters_.push_back(parameter);
      names_.push_back(tensor_name(node, key));
    }
  }
  averaged_ = parameters_;
  averaged_.insert(averaged_.end(), statistics.begin(), statistics.end());
  averaged_names_ = names_;
  averaged_names_.insert(averaged_names_.end(), names_of_statistics.begin(), names_of_statistics.end());
}

std::vector<at::Tensor> Update::parameters() const {
  std::vector<at::Tensor> all;
  for (const nn::Parameter* parameter : parameters_) all.push_back(**parameter);
  return all;
}

int64_t Update::size() const {
  int64_t size = 0;
  for (const nn::Parameter* parameter : parameters_) size += (*parameter)->numel();
  return size;
}

std::vector<LossValue> Update::losses(const ChunkRunner& runner) const {
  std::vector<LossValue> losses = wanted_;
  for (size_t i = 0; i < losses.size(); ++i) losses[i].value = mean_of(runner.collected(goals_[i]));
  return losses;
}

at::Tensor Update::total(const std::vector<LossValue>& losses) {
  at::Tensor sum;
  for (const LossValue& loss : losses) {
    if (!loss.value.defined() || !loss.value.requires_grad()) continue;
    const at::Tensor weighted = loss.value * loss.weight;
    sum = sum.defined() ? sum + weighted : weighted;
  }
  return sum;
}

double Update::take_gradients(const at::Tensor& total, Graph graph, Ranks& ranks) {
  std::vector<at::Tensor> taken(parameters_.size());
  if (total.defined())
    taken = torch::autograd::grad({total}, parameters(), {}, graph == Graph::Kept, false, /*allow_unused=*/true);
  const c10::AutoGradMode no_gradients(false);
  ranks.average(taken);
  std::vector<at::Tensor> present;
  for (size_t i = 0; i < taken.size(); ++i) {
    if (!taken[i].defined()) continue;
    gradients_[i] = gradients_[i].defined() ? gradients_[i] + taken[i] : taken[i];
    present.push_back(gradients_[i]);
  }
  ++chunks_;
  norm_ = present.empty() ? 0 : at::linalg_vector_norm(at::stack(at::_foreach_norm(present, 2))).item<double>();
  return norm_;
}

void Update::clip() {
  if (!clip_ || norm_ <= *clip_) return;
  for (at::Tensor& gradient : gradients_) {
    if (gradient.defined()) gradient = gradient * (*clip_ / (norm_ + 1e-6));
  }
}

void Update::step(const graph::Progress& progress) {
  const c10::AutoGradMode no_gradients(false);
  clip();
  const double warm = warmup_ > 0 ? std::min(1.0, static_cast<double>(steps_ + 1) / static_cast<double>(warmup_)) : 1.0;
  optimiser_->step(parameters(), gradients_, rate(progress) * warm);
  gradients_.assign(parameters_.size(), {});
  chunks_ = 0;
  ++steps_;
  follow_average();
}

void Update::follow_average() {
  if (!average_decay_) return;
  // Of the first parameters, which are random, decay^n would remain after n steps: 90 % of them after 50 steps of 0.998.
  const auto steps = static_cast<double>(steps_);
  const double decay = average_warms_up_ ? std::min(*average_decay_, (1 + steps) / (10 + steps)) : *average_decay_;
  for (size_t i = 0; i < averaged_.size(); ++i) averages_[i].lerp_((*averaged_[i])->detach(), 1 - decay);
}

std::string Update::first_not_finite() const {
  for (size_t i = 0; i < gradients_.size(); ++i) {
    if (gradients_[i].defined() && !run::has_all_finite(gradients_[i])) return names_[i];
  }
  return {};
}

std::vector<at::Tensor> Update::averages() const {
  if (average_decay_) return averages_;
  std::vector<at::Tensor> now;
  for (const nn::Parameter* parameter : averaged_) now.push_back((*parameter)->detach());
  return now;
}

std::string Update::key(const std::string& what, size_t index) const {
  return text("update/", name_, '/', what, '/', names_[index]);
}

std::string Update::key_of_average(size_t index) const {
  return text("update/", name_, "/average/", averaged_names_[index]);
}

void Update::save(Archive::Entries& entries) const {
  optimiser_->save(text("update/", name_, '/', use_), parameters(), entries);
  for (size_t i = 0; i < names_.size(); ++i) {
    // Which parameters no loss has reached yet is told too, so that a reader sees when a gradient is missing.
    if (gradients_[i].defined()) entries[key("gradient", i)] = gradients_[i];
    if (chunks_ > 0 && !gradients_[i].defined()) entries[key("gradient", i) + kUndefined] = at::empty({0}, at::kByte);
  }
  for (size_t i = 0; i < averages_.size(); ++i) entries[key_of_average(i)] = averages_[i];
  entries[text("update/", name_, "/chunks")] = at::scalar_tensor(chunks_, at::kLong);
  entries[text("update/", name_, "/steps")] = at::scalar_tensor(steps_, at::kLong);
}

void Update::add_gradients(const Archive::Entries& found, Archive::Entries& wanted) const {
  const auto chunks = found.find(text("update/", name_, "/chunks"));
  if (chunks == found.end() || chunks->second.scalar_type() != at::kLong || chunks->second.numel() != 1) return;
  if (chunks->second.item<int64_t>() == 0) return;
  const std::vector<at::Tensor> now = parameters();
  for (size_t i = 0; i < names_.size(); ++i) {
    const std::string undefined = key("gradient", i) + kUndefined;
    if (found.contains(undefined)) {
      wanted[undefined] = at::empty({0}, at::kByte);
    } else {
      wanted[key("gradient", i)] = now[i];
    }
  }
}

void Update::check_counts(const Archive::Entries& entries, int64_t step, std::vector<std::string>& faults) const {
  const auto check = [&](const std::string& name, double most) {
    const double count = entries.at(name).item<double>();
    if (count >= 0 && count <= most && count == std::floor(count)) return;
    faults.push_back(text(name, " is ", number_text(count), "; it must be from 0 to ", number_text(most)));
  };
  const std::string own = text("update/", name_, '/');
  check(own + "chunks", static_cast<double>(accumulate_ - 1));
  check(own + "steps", static_cast<double>(step));
  const std::string of_parameters = text(own, use_, "/steps/");
  const auto steps = static_cast<double>(entries.at(own + "steps").item<int64_t>());
  for (auto one = entries.lower_bound(of_parameters); one != entries.end() && one->first.starts_with(of_parameters);
       ++one)
    check(one->first, steps);
}

void Update::load(const Archive::Entries& entries) {
  const c10::AutoGradMode no_gradients(false);
  const std::vector<at::Tensor> now = parameters();
  optimiser_->load(text("update/", name_, '/', use_), entries, now);
  const auto find = [&](const std::string& name, const at::Tensor& like) -> at::Tensor {
    const auto found = entries.find(name);
    if (found == entries.end() || found->second.sizes() != like.sizes()) return {};
    return at::empty_like(like.detach()).copy_(found->second);
  };
  for (size_t i = 0; i < names_.size(); ++i) {
    gradients_[i] = find(key("gradient", i), now[i]);
  }
  for (size_t i = 0; i < averages_.size(); ++i) {
    const at::Tensor& value = **averaged_[i];
    const at::Tensor average = find(key_of_average(i), value);
    averages_[i] = average.defined() ? average : value.detach().clone();
  }
  const auto count = [&](const std::string& what) {
    const auto found = entries.find(text("update/", name_, '/', what));
    return found == entries.end() ? int64_t{0} : found->second.item<int64_t>();
  };
  chunks_ = count("chunks");
  steps_ = count("steps");
}

}  // namespace weft::train
