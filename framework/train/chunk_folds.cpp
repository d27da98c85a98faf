// How a folded step runs once for all ticks of a chunk.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/batch.h"
#include "framework/run/node_failure.h"
#include "framework/train/chunk_runner.h"

#include <algorithm>

namespace weft::train {

using graph::Alternative;
using graph::Read;
using run::StepUnit;

/// Runs a folded step once for all its times, or once for those that have the same inputs.
void ChunkRunner::run_folded(StepUnit& unit) {
  std::vector<std::pair<std::vector<char>, Ticks>> groups;
  for (int64_t tick = timeline_.first_decided(); tick <= timeline_.last_decided(); ++tick) {
    timeline_.look_at(tick);
    if (!timeline_.runs(unit.index)) continue;
    const std::vector<char> present = present_inputs(unit, tick);
    const auto known =
        std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return group.first == present; });
    if (known == groups.end()) {
      groups.push_back({present, {tick}});
    } else {
      known->second.push_back(tick);
    }
  }
  for (const auto& [present, ticks] : groups) run_folded_at(unit, ticks);
}

std::vector<char> ChunkRunner::present_inputs(const StepUnit& unit, int64_t tick) {
  timeline_.look_at(tick);
  std::vector<char> present;
  for (const graph::StepInput& input : unit.step->inputs) {
    for (const Read& read : input.reads) present.push_back(timeline_.choose(unit.index, read) ? 1 : 0);
  }
  return present;
}

void ChunkRunner::run_folded_at(StepUnit& unit, const Ticks& ticks) {
  run::BoundInputs& inputs = steps_.binder().inputs(unit.index);
  inputs.drop_own();
  for (size_t port = 0; port < unit.step->inputs.size(); ++port) {
    const std::vector<Read>& reads = unit.step->inputs[port].reads;
    inputs.clear(port);
    for (size_t place = 0; place < reads.size(); ++place) {
      timeline_.look_at(ticks.front());
      if (timeline_.choose(unit.index, reads[place])) inputs.add(port, folded_input(unit, reads[place], ticks), place);
    }
  }
  timeline_.look_at(ticks.front());
  unit.context->set_frame(timeline_.time(unit.index));
  steps_.call(unit, keeps_gradients_ && learning_.recomputes[static_cast<size_t>(unit.index)] != 0);
  deal_out(unit, ticks);
}

/// The values of a read at all these ticks as one batch: [B, …] at each becomes [ticks * B, …].
const Value* ChunkRunner::folded_input(StepUnit& unit, const Read& read, const Ticks& ticks) {
  if (const Value* known = known_fold(unit, read, ticks)) return known;
  std::vector<Value> frames;
  for (const int64_t tick : ticks) {
    timeline_.look_at(tick);
    frames.push_back(*steps_.binder().value_of(unit.index, read, *timeline_.choose(unit.index, read)));
    steps_.binder().end_tick();
  }
  std::vector<const Value*> values;
  for (const Value& frame : frames) values.push_back(&frame);
  try {
    return steps_.binder().inputs(unit.index).keep(run::join_batch(values, read.type.kind.value_or(Kind::Any)));
  } catch (const std::exception&) {
    throw run::failure_of(std::current_exception())
        .within(text("in node \"", unit.description->path, "\", which folds the chunk of \"", read.text, '"'));
  }
}

/// What another folded step made for the same times, as it made it.
const Value* ChunkRunner::known_fold(const StepUnit& unit, const Read& read, const Ticks& ticks) {
  std::vector<int64_t> times;
  int slot = graph::Atom::kZeros;
  for (const int64_t tick : ticks) {
    timeline_.look_at(tick);
    const Alternative& chosen = *timeline_.choose(unit.index, read);
    if (chosen.is_window) return nullptr;
    const graph::Atom& atom = *timeline_.choose(unit.index, chosen.oldest);
    if (atom.slot == graph::Atom::kZeros || atom.delay != 0) return nullptr;
    if (slot != graph::Atom::kZeros && slot != atom.slot) return nullptr;
    slot = atom.slot;
    const auto maker = static_cast<size_t>(plan_.slots[static_cast<size_t>(slot)].step);
    if (steps_.all()[maker].description->spec->on_host != unit.description->spec->on_host) return nullptr;
    times.push_back(tick + unit.step->lead);
  }
  return steps_.store().folded(slot, times);
}

void ChunkRunner::deal_out(StepUnit& unit, const Ticks& ticks) {
  std::vector<Value> together = std::move(unit.outputs);
  unit.outputs.assign(together.size(), Value());
  std::vector<std::vector<Value>> dealt;
  for (const Value& output : together) dealt.push_back(run::deal_batch(output, ticks.size()));
  Ticks times;
  for (size_t i = 0; i < ticks.size(); ++i) {
    for (size_t output = 0; output < dealt.size(); ++output) unit.outputs[output] = dealt[output][i];
    times.push_back(ticks[i] + unit.step->lead);
    steps_.store_outputs(unit, times.back());
  }
  for (size_t output = 0; output < together.size(); ++output) {
    const int slot = unit.step->slots[output];
    if (slot >= 0) steps_.store().put_folded(slot, times, std::move(together[output]));
  }
}

}  // namespace weft::train
