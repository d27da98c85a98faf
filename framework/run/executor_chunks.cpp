// How the executor runs chunks of training: docs/decisions/0010-training.md.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/autocast.h"
#include "framework/run/batch.h"
#include "framework/run/executor_unit.h"
#include "framework/run/finite.h"
#include "framework/run/node_failure.h"

#include <c10/core/GradMode.h>

#include <algorithm>

namespace weft::run {
namespace {

using graph::Alternative;
using graph::Read;

/// What goes on to the next chunk: without gradients, and laid out so that a checkpoint can say how.
at::Tensor detached(const at::Tensor& tensor) {
  const at::Tensor own = tensor.detach();
  const bool is_channels_last = own.dim() == 4 && own.is_contiguous(at::MemoryFormat::ChannelsLast);
  return is_channels_last ? own : own.contiguous();
}

}  // namespace

void Executor::stop_reading() {
  for (auto& unit : units_) {
    for (auto& reader : unit->readers) reader->stop();
  }
}

void Executor::begin_chunks(const Row& row, const std::vector<int64_t>& lengths, int64_t ticks) {
  timeline_.begin_chunks(lengths, ticks);
  in_chunks_ = true;
  for (size_t slot = 0; slot < rings_.size(); ++slot) {
    if (plan_.steps[static_cast<size_t>(plan_.slots[slot].step)].is_still) continue;
    const auto length = static_cast<size_t>(plan_.slots[slot].length - 1 + ticks);
    rings_[slot].values.resize(length);
    rings_[slot].elsewhere.resize(length);
  }
  reset_sequence(row);
}

int64_t Executor::decide_chunk(int64_t ticks) {
  timeline_.decide(ticks, [this](int step, int64_t t) { return ask(step, t); });
  for (auto& unit : units_) {
    if (options_.learning->renews[static_cast<size_t>(unit->index)] != 0) unit->has_still = false;
  }
  return timeline_.last_active() - timeline_.first_decided() + 1;
}

void Executor::run_chunk(Gradients gradients) {
  keeps_gradients_ = gradients == Gradients::Kept;
  remember_states();
  const Autocast autocast(options_.device, options_.precision);
  for (int level = 0; level <= order_.last_level; ++level) run_level(level, nullptr);
}

void Executor::run_again(const std::vector<char>& steps) {
  restore_states(steps);
  for (auto& unit : units_) {
    if (steps[static_cast<size_t>(unit->index)] == 0) continue;
    unit->has_still = false;
    unit->collected.clear();
  }
  const Autocast autocast(options_.device, options_.precision);
  for (int level = 0; level <= order_.last_level; ++level) run_level(level, &steps);
}

void Executor::run_level(int level, const std::vector<char>* only) {
  run_ticks(level, only);
  for (auto& unit : units_) {
    const auto at = static_cast<size_t>(unit->index);
    const bool is_left_out = order_.levels[at] != level || (only && (*only)[at] == 0);
    if (!unit->description->folds_chunk || is_left_out) continue;
    const c10::AutoGradMode mode(keeps_gradients_ && options_.learning->learns[at] != 0);
    within(text("in node \"", unit->description->path, "\", for a chunk"), [&] { run_folded(*unit); });
  }
}

void Executor::run_ticks(int level, const std::vector<char>* only) {
  for (int64_t tick = timeline_.first_decided(); tick <= timeline_.last_decided(); ++tick) {
    timeline_.look_at(tick);
    for (auto& unit : units_) {
      const auto at = static_cast<size_t>(unit->index);
      const bool is_left_out = order_.levels[at] != level || (only && (*only)[at] == 0);
      if (unit->description->folds_chunk || is_left_out || !timeline_.runs(unit->index)) continue;
      const c10::AutoGradMode mode(keeps_gradients_ && options_.learning->learns[at] != 0);
      run_step(*unit);
    }
    drop_windows();
  }
}

/// Whether a read gives what no gradients go through: at the beginning of each stretch of `bptt` frames.
bool Executor::cuts_gradients(const Alternative& alternative) const {
  if (!in_chunks_ || !keeps_gradients_ || !order_.cycle_reads.contains(&alternative)) return false;
  return (timeline_.looked_at() - timeline_.first_decided()) % options_.learning->bptt == 0;
}

void Executor::drop_windows() {
  for (WindowUse& window : windows_) {
    window.value.clear();
    window.detached.clear();
  }
}

/// Runs a folded step once for all its times, or once for those that have the same inputs.
void Executor::run_folded(Unit& unit) {
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

std::vector<char> Executor::present_inputs(const Unit& unit, int64_t tick) {
  timeline_.look_at(tick);
  std::vector<char> present;
  for (const graph::StepInput& input : unit.step->inputs) {
    for (const Read& read : input.reads) present.push_back(timeline_.choose(unit.index, read) ? 1 : 0);
  }
  return present;
}

void Executor::run_folded_at(Unit& unit, const Ticks& ticks) {
  unit.joined.clear();
  for (size_t port = 0; port < unit.step->inputs.size(); ++port) {
    const std::vector<Read>& reads = unit.step->inputs[port].reads;
    auto& values = unit.bound[port];
    auto& places = unit.places[port];
    values.clear();
    places.clear();
    for (size_t place = 0; place < reads.size(); ++place) {
      timeline_.look_at(ticks.front());
      if (!timeline_.choose(unit.index, reads[place])) continue;
      values.push_back(folded_input(unit, reads[place], ticks));
      places.push_back(place);
    }
    unit.ports[port] = {values.data(), values.size(), places.data(), reads.size()};
  }
  timeline_.look_at(ticks.front());
  unit.context->set_frame(timeline_.time(unit.index));
  call(unit);
  deal_out(unit, ticks);
}

const Value* Executor::folded_input(Unit& unit, const Read& read, const Ticks& ticks) {
  if (const Value* known = known_fold(unit, read, ticks)) return known;
  std::vector<Value> frames;
  for (const int64_t tick : ticks) {
    timeline_.look_at(tick);
    unit.detached.clear();
    frames.push_back(*value_of(unit, read, *timeline_.choose(unit.index, read)));
    drop_windows();
  }
  std::vector<const Value*> values;
  for (const Value& frame : frames) values.push_back(&frame);
  try {
    return &unit.joined.emplace_back(join_batch(values));
  } catch (const std::exception&) {
    throw failure_of(std::current_exception())
        .within(text("in node \"", unit.description->path, "\", which folds the chunk of \"", read.text, '"'));
  }
}

/// What another folded step made for the same times, as it made it.
const Value* Executor::known_fold(const Unit& unit, const Read& read, const Ticks& ticks) {
  const int64_t lead = unit.step->lead;
  Ring* ring = nullptr;
  for (const int64_t tick : ticks) {
    timeline_.look_at(tick);
    const Alternative& chosen = *timeline_.choose(unit.index, read);
    if (chosen.is_window) return nullptr;
    const graph::Atom& atom = *timeline_.choose(unit.index, chosen.oldest);
    if (atom.slot == graph::Atom::kZeros || atom.delay != 0) return nullptr;
    Ring& of_tick = rings_[static_cast<size_t>(atom.slot)];
    if (ring && ring != &of_tick) return nullptr;
    ring = &of_tick;
  }
  if (!ring->folded.has_value() || ring->folded_at.size() != ticks.size()) return nullptr;
  for (size_t i = 0; i < ticks.size(); ++i) {
    if (ring->folded_at[i] != ticks[i] + lead) return nullptr;
  }
  return &ring->folded;
}

void Executor::deal_out(Unit& unit, const Ticks& ticks) {
  std::vector<Value> together = std::move(unit.outputs);
  unit.outputs.assign(together.size(), Value());
  std::vector<std::vector<Value>> dealt;
  for (const Value& output : together) dealt.push_back(deal_batch(output, ticks.size()));
  for (size_t i = 0; i < ticks.size(); ++i) {
    for (size_t output = 0; output < dealt.size(); ++output) unit.outputs[output] = dealt[output][i];
    if (!unit.is_sized) learn_sizes(unit);
    store(unit, ticks[i] + unit.step->lead);
  }
  for (size_t output = 0; output < together.size(); ++output) {
    const int slot = unit.step->slots[output];
    if (slot < 0) continue;
    Ring& ring = rings_[static_cast<size_t>(slot)];
    ring.folded = std::move(together[output]);
    ring.folded_at.clear();
    for (const int64_t tick : ticks) ring.folded_at.push_back(tick + unit.step->lead);
  }
}

const std::vector<Value>& Executor::collected(int goal) const {
  static const std::vector<Value> nothing;
  const auto found = wanted_.find(goal);
  return found == wanted_.end() ? nothing : units_[static_cast<size_t>(found->second)]->collected;
}

void Executor::remember_states() {
  for (auto& unit : units_) {
    if (!unit->node || !unit->description->spec->has_state) continue;
    Archive archive;
    unit->node->state(archive);
    unit->remembered = archive.entries();
  }
}

void Executor::restore_states(const std::vector<char>& steps) {
  for (auto& unit : units_) {
    if (unit->remembered.empty() || steps[static_cast<size_t>(unit->index)] == 0) continue;
    Archive archive(unit->remembered);
    unit->node->state(archive);
  }
}

std::pair<int64_t, int64_t> Executor::carried_times(size_t slot) const {
  const int64_t last = last_ended_ + plan_.steps[static_cast<size_t>(plan_.slots[slot].step)].lead;
  return {last + 2 - plan_.slots[slot].length, last};
}

void Executor::end_slot(size_t slot) {
  Ring& ring = rings_[slot];
  ring.folded.clear();
  ring.folded_at.clear();
  std::fill(ring.elsewhere.begin(), ring.elsewhere.end(), Value());
  const auto maker = static_cast<size_t>(plan_.slots[slot].step);
  if (plan_.steps[maker].is_still) {
    if (options_.learning->renews[maker] != 0) ring.values.front().clear();
    return;
  }
  const auto [first_carried, last] = carried_times(slot);
  const auto count = static_cast<int64_t>(ring.values.size());
  for (int64_t t = std::max<int64_t>(last - count + 1, 0); t <= last; ++t) {
    Value& value = entry(static_cast<int>(slot), t);
    if (t < first_carried) {
      value.clear();
    } else {
      value = value.map(detached);
    }
  }
}

void Executor::end_chunk() {
  last_ended_ = timeline_.last_decided();
  for (size_t slot = 0; slot < rings_.size(); ++slot) end_slot(slot);
  for (auto& unit : units_) {
    unit->collected.clear();
    unit->wanted.clear();
    unit->joined.clear();
    unit->detached.clear();
    unit->remembered.clear();
    for (Value& output : unit->outputs) output.clear();
    if (!unit->node || !unit->description->spec->has_state) continue;
    Archive remembered;
    unit->node->state(remembered);
    Archive::Entries entries = remembered.entries();
    for (auto& [name, tensor] : entries) {
      if (tensor.defined()) tensor = detached(tensor);
    }
    Archive restored(entries);
    unit->node->state(restored);
  }
  keeps_gradients_ = false;
}

std::string Executor::first_not_finite() {
  for (int level = 0; level <= order_.last_level; ++level) {
    for (int64_t tick = timeline_.first_decided(); tick <= timeline_.last_decided(); ++tick) {
      timeline_.look_at(tick);
      for (const auto& unit : units_) {
        if (order_.levels[static_cast<size_t>(unit->index)] != level || !timeline_.runs(unit->index)) continue;
        const int64_t t = timeline_.time(unit->index);
        for (size_t output = 0; output < unit->step->slots.size(); ++output) {
          const int slot = unit->step->slots[output];
          if (slot < 0 || has_all_finite(entry(slot, t))) continue;
          return text(plan_.slot_name(slot), " at t = ", t);
        }
      }
    }
  }
  return {};
}

}  // namespace weft::run
