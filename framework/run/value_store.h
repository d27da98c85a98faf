#pragma once

#include "framework/graph/plan.h"
#include "framework/node/value.h"

#include <c10/core/Device.h>

#include <utility>
#include <vector>

namespace weft::run {

/// What goes on from one chunk to the next: without gradients, and laid out so that a checkpoint can say how.
at::Tensor carried_on(const at::Tensor& tensor);

/// The values of the outputs that a plan keeps: of each slot as many frames as are read, in a ring.
///
/// A value is copied into the other memory at most once, however many nodes read it there. In training the store keeps
/// all values of a chunk, and the batch of which a folded step's values are parts.
class ValueStore {
 public:
  /// @param plan  must outlive the store
  explicit ValueStore(const graph::Plan& plan);

  /// Makes room for a chunk of so many ticks beside the frames before it.
  void make_room(int64_t ticks);
  void clear();

  /// The value of a slot at t; empty when there is none.
  const Value& at(int slot, int64_t t) const { return ring(slot).values[place_of(slot, t)]; }
  /// The same in the memory of a device.
  const Value& at(int slot, int64_t t, at::Device device);
  /// @param elsewhere  the same in the other memory, where it is there already; else empty
  void put(int slot, int64_t t, Value value, Value elsewhere = {});
  void drop(int slot, int64_t t);

  /// Keeps the values of a slot at these times as one batch, too.
  void put_folded(int slot, std::vector<int64_t> times, Value batch);
  /// The batch of exactly these times; nothing when the slot has none.
  const Value* folded(int slot, const std::vector<int64_t>& times) const;

  /// Ends a chunk for a slot: keeps the values at first … last, without gradients, and drops those before.
  void end_chunk(int slot, int64_t first, int64_t last);
  /// Drops the batches and the copies in the other memory.
  void end_folds(int slot);
  /// Drops the only value of a static step.
  void drop_static(int slot) { ring(slot).values.front().clear(); }

 private:
  struct Ring {
    std::vector<Value> values;
    std::vector<Value> elsewhere;  ///< the same values in the other memory, where a step needs them there
    Value folded;
    std::vector<int64_t> folded_at;
    bool is_static = false;
  };

  Ring& ring(int slot) { return rings_[static_cast<size_t>(slot)]; }
  const Ring& ring(int slot) const { return rings_[static_cast<size_t>(slot)]; }
  size_t place_of(int slot, int64_t t) const;

  const graph::Plan& plan_;
  std::vector<Ring> rings_;  ///< by slot
};

}  // namespace weft::run
