#include "framework/run/stream_runner.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/finite.h"

#include <algorithm>

namespace weft::run {

StreamRunner::StreamRunner(const graph::Plan& plan, const std::vector<Node*>& nodes, const SourceGroup& sources,
                           const RunnerOptions& options, Log& log)
    : plan_(plan), timeline_(plan, options.range), steps_(plan, timeline_, nodes, sources, options, {}, log) {}

void StreamRunner::begin_sequence(const std::vector<Row>& rows, const std::vector<int64_t>& lengths) {
  timeline_.begin(lengths);
  frames_done_ = position_ = 0;
  first_not_finite_.clear();
  steps_.begin_sequence(rows, rows.front().index);
}

bool StreamRunner::tick() {
  if (timeline_.is_over()) return false;
  timeline_.tick([this](int step, int64_t t) { return steps_.take_frame(steps_.at(step), t); });
  bool has_run = false;
  for (StepUnit& unit : steps_.all()) {
    if (timeline_.runs(unit.index)) {
      has_run = true;
      steps_.guarded(unit, [&] { run_step(unit); });
      if (unit.step->is_goal) count_frame(unit);
    }
    release(unit);
    if (unit.role == Role::Pushed) Steps::drop_pushed(unit, timeline_.time(unit.index) + 1);
  }
  return has_run || !timeline_.is_over();
}

void StreamRunner::run_step(StepUnit& unit) {
  if (unit.step->is_still && unit.has_static) return;
  unit.has_static = unit.step->is_still;
  if (unit.role == Role::Source && unit.step->is_still) steps_.take_static(unit);
  if (unit.role == Role::Sink) {
    writing([&] { steps_.compute(unit, /*recomputes=*/false); });
  } else {
    steps_.compute(unit, /*recomputes=*/false);
  }
  look_for_not_finite(unit);
  steps_.store_outputs(unit, timeline_.time(unit.index));
}

void StreamRunner::count_frame(StepUnit& goal) {
  if (!goal.description->spec->is_source) ++goal.given;  // a source has counted it
  frames_done_ = std::max(frames_done_, goal.given);
  position_ = std::max(position_, timeline_.time(goal.index) + 1);
}

void StreamRunner::release(const StepUnit& unit) {
  for (const graph::Release& release : unit.step->releases) {
    const int64_t t = timeline_.time(plan_.slots[static_cast<size_t>(release.slot)].step) - release.age;
    if (t >= 0) steps_.store().drop(release.slot, t);
  }
  steps_.binder().end_step(unit.index);
}

const Value& StreamRunner::wanted(const std::string& path) const {
  static const Value nothing;
  const StepUnit* goal = steps_.goal(plan_.graph.find_goal(graph::NodeRole::Wanted, path));
  return goal && timeline_.runs(goal->index) ? goal->wanted : nothing;
}

/// Remembers the first output of a network that is not finite, for the message when such a value is to be written. The
/// outputs are small beside what the network computes; on a GPU a look at them would wait for it.
void StreamRunner::look_for_not_finite(const StepUnit& unit) {
  const bool is_looked_at = unit.description->spec->is_trainable && steps_.options().device.is_cpu();
  if (!is_looked_at || steps_.options().allows_not_finite || !first_not_finite_.empty()) return;
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    const int slot = unit.step->slots[output];
    if (slot < 0 || has_all_finite(unit.outputs[output])) continue;
    first_not_finite_ = text(plan_.slot_name(slot), " at t = ", timeline_.time(unit.index));
    return;
  }
}

/// Does `work`, in which a writer may refuse a value that is not finite: the error then says where the first one came from.
template <typename Work>
void StreamRunner::writing(Work work) const {
  try {
    work();
  } catch (const Error& failure) {
    Error error = failure;
    if (error.exit() == Exit::NotFinite && !first_not_finite_.empty())
      error.within(text("the first output of a network that is not finite is ", first_not_finite_));
    throw error;
  }
}

void StreamRunner::finish_sequence(Ending ending) {
  steps_.close_readers();
  for (StepUnit& unit : steps_.all()) {
    if (unit.writer) writing([&] { unit.writer->finish(ending); });
  }
}

void StreamRunner::abandon_sequence() noexcept {
  steps_.close_readers();
  for (StepUnit& unit : steps_.all()) {
    if (unit.writer) unit.writer->abandon();
  }
}

}  // namespace weft::run
