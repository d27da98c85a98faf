#include "framework/train/learners.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/chunk_order.h"

#include <algorithm>

namespace weft::train {
namespace {

using Reads = std::vector<std::vector<int>>;
using Steps = std::vector<char>;

/// The node whose network a step runs.
int network_of(const graph::Plan& plan, size_t step) {
  const int node = plan.steps[step].node;
  const int shared = plan.graph.nodes[static_cast<size_t>(node)].shares;
  return shared >= 0 ? shared : node;
}

Steps steps_of_networks(const graph::Plan& plan, const std::vector<int>& nodes) {
  Steps steps(plan.steps.size(), 0);
  for (size_t step = 0; step < steps.size(); ++step)
    steps[step] = std::find(nodes.begin(), nodes.end(), network_of(plan, step)) != nodes.end() ? 1 : 0;
  return steps;
}

/// Adds all steps that read these, near or far. Where `passes` is false for a step, what reads it alone is not added.
template <typename Passes>
void add_readers(const Reads& reads, Steps& steps, const Passes& passes) {
  for (bool has_changed = true; has_changed;) {
    has_changed = false;
    for (size_t step = 0; step < steps.size(); ++step) {
      if (steps[step] != 0) continue;
      const bool is_behind = std::any_of(reads[step].begin(), reads[step].end(), [&](int maker) {
        return steps[static_cast<size_t>(maker)] != 0 && passes(static_cast<size_t>(maker));
      });
      if (!is_behind) continue;
      steps[step] = 1;
      has_changed = true;
    }
  }
}

void add_makers(const Reads& reads, size_t step, Steps& steps) {
  if (std::exchange(steps[step], 1) != 0) return;
  for (const int maker : reads[step]) add_makers(reads, static_cast<size_t>(maker), steps);
}

Steps steps_towards(const graph::Plan& plan, const Reads& reads, const graph::Update& update) {
  Steps steps(plan.steps.size(), 0);
  for (const graph::LossTerm& loss : update.losses) {
    const int goal = plan.graph.find_loss(update, loss);
    for (size_t step = 0; step < steps.size(); ++step) {
      if (plan.steps[step].node == goal) add_makers(reads, step, steps);
    }
  }
  return steps;
}

}  // namespace

Learners find_learners(const graph::Plan& plan) {
  const Reads reads = graph::steps_read(plan);
  Learners learners;
  Steps& learns = learners.learning.learns;
  learns.assign(plan.steps.size(), 0);
  for (const graph::Update& update : plan.graph.updates) {
    const Steps networks = steps_of_networks(plan, update.nodes);
    Steps behind = networks;
    add_readers(reads, behind, [](size_t) { return true; });
    learners.behind.push_back(std::move(behind));
    learners.towards.push_back(steps_towards(plan, reads, update));
    for (size_t step = 0; step < learns.size(); ++step) learns[step] = learns[step] != 0 || networks[step] != 0 ? 1 : 0;
  }
  learners.first_time = graph::kAlways;
  for (size_t step = 0; step < learns.size(); ++step) {
    if (learns[step] == 0 || plan.times[step].empty()) continue;
    const graph::TimePiece& first = plan.times[step].front();
    learners.first_time = std::min(learners.first_time, first.begin_from_end ? 0 : first.begin);
  }
  if (learners.first_time == graph::kAlways) {
    throw Error(Exit::Graph, "there is nothing to train: no network of an update ever runs")
        .hint("`weft plan --train` shows what is left out, and why");
  }
  const Steps networks = learns;
  // A node that stops gradients runs with them all the same: it may be the first to join a window that others read.
  add_readers(reads, learns, [&](size_t step) {
    return !plan.graph.nodes[static_cast<size_t>(plan.steps[step].node)].spec->stops_gradients;
  });
  for (size_t step = 0; step < learns.size(); ++step)
    learners.learning.renews.push_back(
        plan.steps[step].is_still && (learns[step] != 0 || plan.steps[step].is_goal) ? 1 : 0);
  const bool all_recompute = plan.graph.run.recompute;
  for (size_t step = 0; step < learns.size(); ++step) {
    const graph::FlatNode& node = plan.graph.nodes[static_cast<size_t>(plan.steps[step].node)];
    const bool has_update = networks[step] != 0;
    const bool can = node.spec->is_trainable && !node.spec->has_state && learns[step] != 0;
    learners.learning.trains.push_back(!node.spec->is_trainable || has_update ? 1 : 0);
    learners.learning.recomputes.push_back(can && (node.recomputes || all_recompute) ? 1 : 0);
  }
  return learners;
}

}  // namespace weft::train
