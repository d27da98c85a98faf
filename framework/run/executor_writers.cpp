// How the executor hands values to writers, and how a sequence ends for them.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/executor_unit.h"
#include "framework/run/finite.h"

namespace weft::run {

void Executor::give(Unit& unit) {
  try {
    unit.writer->give(timeline_.time(unit.index), unit.bound);
  } catch (const Error& error) {
    fail_to_write(error);
  }
}

/// Remembers the first output of a network that is not finite, for the message when such a value is to be written. The
/// outputs are small beside what the network computes; on a GPU a look at them would wait for it.
void Executor::look_for_not_finite(const Unit& unit) {
  const bool is_looked_at = unit.description->spec->is_trainable && options_.device.is_cpu() && !options_.learning;
  if (!is_looked_at || options_.allows_not_finite || !first_not_finite_.empty()) return;
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    const int slot = unit.step->slots[output];
    if (slot < 0 || has_all_finite(unit.outputs[output])) continue;
    first_not_finite_ = text(plan_.slot_name(slot), " at t = ", timeline_.time(unit.index));
    return;
  }
}

void Executor::fail_to_write(Error error) const {
  if (error.exit() == Exit::NotFinite && !first_not_finite_.empty())
    error.within(text("the first output of a network that is not finite is ", first_not_finite_));
  throw error;
}

void Executor::finish_sequence(Ending ending) {
  close_readers();
  for (auto& unit : units_) {
    if (!unit->writer) continue;
    try {
      unit->writer->finish(ending);
    } catch (const Error& error) {
      fail_to_write(error);
    }
  }
}

void Executor::abandon_sequence() noexcept {
  close_readers();
  for (auto& unit : units_) {
    if (unit->writer) unit->writer->abandon();
  }
}

}  // namespace weft::run
