// How a plan runs in chunks: docs/decisions/0010-training.md.
#include "framework/train/chunk_runner.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/autocast.h"
#include "framework/run/finite.h"
#include "framework/run/node_failure.h"

#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::train {
namespace {

run::RunnerOptions for_training(run::RunnerOptions options, const Learning& learning) {
  options.trains = learning.trains;
  return options;
}

}  // namespace

using run::StepUnit;

ChunkRunner::ChunkRunner(const graph::Plan& plan, const std::vector<Node*>& nodes, const run::SourceGroup& sources,
                         run::RunnerOptions options, const Learning& learning, Log& log)
    : plan_(plan),
      learning_(learning),
      timeline_(plan, options.range),
      order_(graph::chunk_order(plan)),
      steps_(
          plan, timeline_, nodes, sources, for_training(std::move(options), learning),
          [this](const graph::Alternative& alternative) { return cuts_gradients(alternative); }, log),
      states_(plan.steps.size()) {}

void ChunkRunner::begin_clip(const std::vector<run::Row>& rows, uint64_t index, const std::vector<int64_t>& lengths,
                             int64_t ticks) {
  timeline_.begin_chunks(lengths, ticks);
  steps_.store().make_room(ticks);
  steps_.begin_sequence(rows, index);
}

int64_t ChunkRunner::decide(int64_t ticks) {
  timeline_.decide(ticks, [this](int step, int64_t t) { return ask(step, t); });
  for (StepUnit& unit : steps_.all()) {
    if (learning_.renews[static_cast<size_t>(unit.index)] != 0) unit.has_static = false;
  }
  return timeline_.last_active() - timeline_.first_decided() + 1;
}

/// A chunk's frames are read and stored before any of them is used.
bool ChunkRunner::ask(int step, int64_t t) {
  StepUnit& unit = steps_.at(step);
  if (!steps_.take_frame(unit, t)) return false;
  if (!unit.step->is_still) steps_.store_outputs(unit, t);
  return true;
}

void ChunkRunner::run(Gradients gradients) {
  keeps_gradients_ = gradients == Gradients::Kept;
  remember_states();
  run_levels(nullptr);
}

void ChunkRunner::run_again(const std::vector<char>& steps) {
  restore_states(steps);
  for (StepUnit& unit : steps_.all()) {
    if (steps[static_cast<size_t>(unit.index)] == 0) continue;
    unit.has_static = false;
    unit.collected.clear();
  }
  run_levels(&steps);
}

bool ChunkRunner::is_in_pass(size_t step, int level, const std::vector<char>* only) const {
  return order_.levels[step] == level && (!only || (*only)[step] != 0);
}

void ChunkRunner::run_levels(const std::vector<char>* only) {
  const run::Autocast autocast(steps_.options().device, steps_.options().precision);
  for (int level = 0; level <= order_.last_level; ++level) {
    run_ticks(level, only);
    for (StepUnit& unit : steps_.all()) {
      const auto at = static_cast<size_t>(unit.index);
      if (!unit.description->folds_chunk || !is_in_pass(at, level, only)) continue;
      const c10::AutoGradMode mode(keeps_gradients_ && learning_.learns[at] != 0);
      run::within(text("in node \"", unit.description->path, "\", for a chunk"), [&] { run_folded(unit); });
    }
  }
}

void ChunkRunner::run_ticks(int level, const std::vector<char>* only) {
  for (int64_t tick = timeline_.first_decided(); tick <= timeline_.last_decided(); ++tick) {
    timeline_.look_at(tick);
    for (StepUnit& unit : steps_.all()) {
      const auto at = static_cast<size_t>(unit.index);
      if (unit.description->folds_chunk || !is_in_pass(at, level, only) || !timeline_.runs(unit.index)) continue;
      const c10::AutoGradMode mode(keeps_gradients_ && learning_.learns[at] != 0);
      steps_.guarded(unit, [&] { run_step(unit); });
    }
    steps_.binder().end_tick();
  }
}

void ChunkRunner::run_step(StepUnit& unit) {
  if (unit.step->is_still && unit.has_static) return;
  unit.has_static = unit.step->is_still;
  if (unit.is_input()) {  // the frames of a chunk are there
    if (unit.role == run::Role::Pushed || !unit.step->is_still) return;
    steps_.take_static(unit);
  }
  steps_.compute(unit, keeps_gradients_ && learning_.recomputes[static_cast<size_t>(unit.index)] != 0);
  if (unit.role == run::Role::Wanted) unit.collected.push_back(unit.wanted);
  steps_.store_outputs(unit, timeline_.time(unit.index));
}

/// Whether a read gives what no gradients go through: at the beginning of each stretch of `bptt` frames.
bool ChunkRunner::cuts_gradients(const graph::Alternative& alternative) const {
  if (!keeps_gradients_ || !order_.cycle_reads.contains(&alternative)) return false;
  return (timeline_.looked_at() - timeline_.first_decided()) % learning_.bptt == 0;
}

const std::vector<Value>& ChunkRunner::collected(int goal) const {
  static const std::vector<Value> nothing;
  const StepUnit* unit = steps_.goal(goal);
  return unit ? unit->collected : nothing;
}

std::string ChunkRunner::first_not_finite() {
  for (int level = 0; level <= order_.last_level; ++level) {
    for (int64_t tick = timeline_.first_decided(); tick <= timeline_.last_decided(); ++tick) {
      timeline_.look_at(tick);
      for (const StepUnit& unit : steps_.all()) {
        if (!is_in_pass(static_cast<size_t>(unit.index), level, nullptr) || !timeline_.runs(unit.index)) continue;
        const int64_t t = timeline_.time(unit.index);
        for (const int slot : unit.step->slots) {
          if (slot >= 0 && !run::has_all_finite(steps_.store().at(slot, t)))
            return text(plan_.slot_name(slot), " at t = ", t);
        }
      }
    }
  }
  return {};
}

// ---- between chunks

void ChunkRunner::remember_states() {
  for (StepUnit& unit : steps_.all()) {
    if (!unit.has_state()) continue;
    Archive archive;
    unit.node->state(archive);
    states_[static_cast<size_t>(unit.index)] = archive.entries();
  }
}

void ChunkRunner::restore_states(const std::vector<char>& steps) {
  for (StepUnit& unit : steps_.all()) {
    const auto at = static_cast<size_t>(unit.index);
    if (states_[at].empty() || steps[at] == 0) continue;
    Archive archive(states_[at]);
    unit.node->state(archive);
  }
}

std::pair<int64_t, int64_t> ChunkRunner::carried_times(int slot) const {
  const graph::Slot& of = plan_.slots[static_cast<size_t>(slot)];
  const int64_t last = last_ended_ + plan_.steps[static_cast<size_t>(of.step)].lead;
  return {last + 2 - of.length, last};
}

void ChunkRunner::end_slot(int slot) {
  steps_.store().end_folds(slot);
  const auto maker = static_cast<size_t>(plan_.slots[static_cast<size_t>(slot)].step);
  if (plan_.steps[maker].is_still) {
    if (learning_.renews[maker] != 0) steps_.store().drop_static(slot);
    return;
  }
  const auto [first, last] = carried_times(slot);
  steps_.store().end_chunk(slot, first, last);
}

void ChunkRunner::detach_state(StepUnit& unit) {
  Archive remembered;
  unit.node->state(remembered);
  Archive::Entries entries = remembered.entries();
  for (auto& [name, tensor] : entries) {
    if (tensor.defined()) tensor = run::carried_on(tensor);
  }
  Archive restored(entries);
  unit.node->state(restored);
}

void ChunkRunner::end() {
  last_ended_ = timeline_.last_decided();
  for (size_t slot = 0; slot < plan_.slots.size(); ++slot) end_slot(static_cast<int>(slot));
  for (StepUnit& unit : steps_.all()) {
    unit.collected.clear();
    unit.wanted.clear();
    steps_.binder().inputs(unit.index).drop_own();
    states_[static_cast<size_t>(unit.index)].clear();
    for (Value& output : unit.outputs) output.clear();
    if (unit.has_state()) detach_state(unit);
  }
  keeps_gradients_ = false;
}

}  // namespace weft::train
