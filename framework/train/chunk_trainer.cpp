#include "framework/train/chunk_trainer.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/node_failure.h"

#include <ATen/ops/stack.h>

#include <algorithm>
#include <cmath>

namespace weft::train {
namespace {

/// Losses as plain numbers, read from the device at once.
std::vector<double> numbers_of(const std::vector<LossValue>& losses) {
  std::vector<at::Tensor> present;
  for (const LossValue& loss : losses) {
    if (loss.value.defined()) present.push_back(loss.value.detach().to(at::kDouble));
  }
  if (present.empty()) return {};
  const at::Tensor all = at::stack(present).cpu();
  return {all.const_data_ptr<double>(), all.const_data_ptr<double>() + all.numel()};
}

}  // namespace

ChunkTrainer::ChunkTrainer(const graph::Plan& plan, const Learners& learners, const Updates& updates, Ranks& ranks,
                           run::Trace* trace)
    : plan_(plan),
      learners_(learners),
      updates_(updates),
      ranks_(ranks),
      trace_(trace),
      mode_(plan.graph.run.updates) {}

void ChunkTrainer::train(ChunkRunner& runner, const graph::Progress& progress, ChunkResult& result) {
  runner.run(ChunkRunner::Gradients::Kept);
  watch(runner, result);
  const std::vector<size_t> order = order_of_updates(result.step);
  const bool alternates = mode_ == graph::UpdateMode::Alternate;
  stepped_.clear();
  for (size_t turn = 0; turn < order.size(); ++turn) {
    Update& update = *updates_[order[turn]];
    if (turn > 0 && mode_ != graph::UpdateMode::Shared) runner.run_again(steps_to_run_again(order, turn));
    stepped_.clear();
    // Each update has a pass of its own, so no other update uses this graph of gradients.
    const bool is_last = turn + 1 == order.size() || mode_ == graph::UpdateMode::Separate;
    result.updates.push_back(
        take_gradients(update, runner, result, progress, is_last ? Update::Graph::Freed : Update::Graph::Kept));
    if (!alternates || !result.updates.back().gradient_norm || !update.is_ready()) continue;
    make_step(update, progress, result.step);
    stepped_.push_back(order[turn]);
  }
  for (const size_t index : order) {
    if (!alternates && updates_[index]->is_ready()) make_step(*updates_[index], progress, result.step);
  }
}

/// Keeps what is only looked at, as the chunk's first pass has made it.
void ChunkTrainer::watch(const ChunkRunner& runner, ChunkResult& result) {
  for (const graph::Step& step : plan_.steps) {
    if (!step.only_watches || step.inputs.front().reads.empty()) continue;
    const graph::Read& read = step.inputs.front().reads.front();
    const std::vector<Value>& values = runner.collected(step.node);
    if (values.empty()) continue;
    report::ShownStream& watched = watched_[read.text];
    watched.kind = read.type.kind.value_or(Kind::Feature);
    watched.values.clear();
    for (const Value& value : values)
      watched.values.push_back(value.map([](const at::Tensor& tensor) { return tensor.detach(); }));
    if (watched.kind != Kind::Scalar) continue;
    double sum = 0;
    for (const Value& value : watched.values) sum += value.tensor().item<double>();
    result.watched[read.text] = sum / static_cast<double>(values.size());
  }
}

/// The updates in the order in which they take their turn.
std::vector<size_t> ChunkTrainer::order_of_updates(int64_t step) const {
  std::vector<size_t> order;
  for (const std::string& name : plan_.graph.run.order) {
    for (size_t i = 0; i < updates_.size(); ++i) {
      if (updates_[i]->name() == name) order.push_back(i);
    }
  }
  for (size_t i = 0; i < updates_.size(); ++i) {
    if (std::find(order.begin(), order.end(), i) == order.end()) order.push_back(i);
  }
  std::erase_if(order, [&](size_t i) { return !updates_[i]->is_due(step); });
  return order;
}

/// By step of the plan, whether it runs again before the turn of an update: steps downstream of the networks of this
/// update, and (alternate) of all networks that were changed since the last pass, if a loss depends on them.
std::vector<char> ChunkTrainer::steps_to_run_again(const std::vector<size_t>& order, size_t turn) const {
  const bool alternates = mode_ == graph::UpdateMode::Alternate;
  std::vector<size_t> changed = {order[turn]};
  if (alternates) changed.insert(changed.end(), stepped_.begin(), stepped_.end());
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(alternates ? order.size() : turn + 1);
  const auto any = [](const std::vector<std::vector<char>>& of, auto first, auto last, size_t step) {
    return std::any_of(first, last, [&](size_t update) { return of[update][step] != 0; });
  };
  std::vector<char> steps(plan_.steps.size(), 0);
  for (size_t step = 0; step < steps.size(); ++step) {
    const bool has_changed = any(learners_.behind, changed.begin(), changed.end(), step);
    const bool is_wanted = any(learners_.towards, order.begin() + static_cast<std::ptrdiff_t>(turn), end, step);
    steps[step] = has_changed && is_wanted ? 1 : 0;
  }
  return steps;
}

UpdateResult ChunkTrainer::take_gradients(Update& update, ChunkRunner& runner, const ChunkResult& chunk,
                                          const graph::Progress& progress, Update::Graph graph) {
  const std::vector<LossValue> losses = update.losses(runner);
  UpdateResult result;
  result.name = update.name();
  result.rate = update.rate(progress);
  const std::vector<double> numbers = numbers_of(losses);
  size_t at = 0;
  for (const LossValue& loss : losses) {
    UpdateResult::Loss& one = result.losses.emplace_back(UpdateResult::Loss{loss.name, loss.weight, {}});
    if (!loss.value.defined()) continue;
    one.value = numbers[at++];
    result.total += loss.weight * *one.value;
  }
  check_finite(result, runner, chunk);
  const at::Tensor total = Update::total(losses);
  if (!ranks_.any(total.defined())) return result;
  const std::string name = text("gradients of [update.", update.name(), ']'), lane = run::kComputeLane;
  const run::TraceScope scope(trace_, name, lane, chunk.step);
  result.gradient_norm = run::within(name, [&] { return update.take_gradients(total, graph, ranks_); });
  if (!std::isfinite(*result.gradient_norm)) {
    throw Error(Exit::NotFinite, text("the gradient of [update.", update.name(), "] is not finite at step ", chunk.step,
                                      ": that of ", update.first_not_finite()))
        .hint("a smaller rate, `clip`, or precision = \"f32\" may help");
  }
  return result;
}

void ChunkTrainer::check_finite(const UpdateResult& result, ChunkRunner& runner, const ChunkResult& chunk) {
  const auto bad = std::find_if(result.losses.begin(), result.losses.end(), [](const UpdateResult::Loss& loss) {
    return loss.value && !std::isfinite(*loss.value);
  });
  if (!ranks_.any(bad != result.losses.end())) return;
  if (bad == result.losses.end()) {
    throw Error(Exit::NotFinite,
                text("in another process a loss of [update.", result.name, "] is not finite at step ", chunk.step));
  }
  const std::string first = runner.first_not_finite();
  throw Error(Exit::NotFinite,
              text("the loss ", bad->name, " of [update.", result.name, "] is ",
                   std::isnan(*bad->value) ? "not a number" : "infinite", " at step ", chunk.step, ", clip \"",
                   chunk.clip, '"', first.empty() ? "" : text("; the first value that is not finite is ", first)));
}

void ChunkTrainer::make_step(Update& update, const graph::Progress& progress, int64_t step) {
  const std::string name = text("step of [update.", update.name(), ']'), lane = run::kComputeLane;
  const run::TraceScope scope(trace_, name, lane, step);
  run::within(name, [&] { update.step(progress); });
}

}  // namespace weft::train
