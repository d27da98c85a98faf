#include "framework/run/value_store.h"

#include "framework/run/device.h"

#include <ATen/core/Tensor.h>

#include <algorithm>

namespace weft::run {

at::Tensor carried_on(const at::Tensor& tensor) {
  const at::Tensor own = tensor.detach();
  const bool is_channels_last = own.dim() == 4 && own.is_contiguous(at::MemoryFormat::ChannelsLast);
  return is_channels_last ? own : own.contiguous();
}

ValueStore::ValueStore(const graph::Plan& plan) : plan_(plan), rings_(plan.slots.size()) {
  for (size_t slot = 0; slot < rings_.size(); ++slot) {
    rings_[slot].is_static = plan.steps[static_cast<size_t>(plan.slots[slot].step)].is_still;
    rings_[slot].values.resize(static_cast<size_t>(plan.slots[slot].length));
    rings_[slot].elsewhere.resize(rings_[slot].values.size());
  }
}

void ValueStore::make_room(int64_t ticks) {
  for (size_t slot = 0; slot < rings_.size(); ++slot) {
    if (rings_[slot].is_static) continue;
    rings_[slot].values.resize(static_cast<size_t>(plan_.slots[slot].length - 1 + ticks));
    rings_[slot].elsewhere.resize(rings_[slot].values.size());
  }
}

void ValueStore::clear() {
  for (Ring& ring : rings_) {
    std::fill(ring.values.begin(), ring.values.end(), Value());
    std::fill(ring.elsewhere.begin(), ring.elsewhere.end(), Value());
  }
}

size_t ValueStore::place_of(int slot, int64_t t) const {
  const auto length = static_cast<int64_t>(ring(slot).values.size());
  return static_cast<size_t>(ring(slot).is_static || length == 1 ? 0 : t % length);
}

const Value& ValueStore::at(int slot, int64_t t, at::Device device) {
  const size_t place = place_of(slot, t);
  Value& copy = ring(slot).elsewhere[place];
  if (!copy.has_value())
    copy = ring(slot).values[place].map([&](const at::Tensor& tensor) { return sent_to(tensor, device); });
  return copy;
}

void ValueStore::put(int slot, int64_t t, Value value, Value elsewhere) {
  const size_t place = place_of(slot, t);
  ring(slot).elsewhere[place] = std::move(elsewhere);
  ring(slot).values[place] = std::move(value);
}

void ValueStore::drop(int slot, int64_t t) {
  put(slot, t, Value());
}

void ValueStore::put_folded(int slot, std::vector<int64_t> times, Value batch) {
  ring(slot).folded = std::move(batch);
  ring(slot).folded_at = std::move(times);
}

const Value* ValueStore::folded(int slot, const std::vector<int64_t>& times) const {
  const Ring& of = ring(slot);
  return of.folded.has_value() && of.folded_at == times ? &of.folded : nullptr;
}

void ValueStore::end_folds(int slot) {
  Ring& of = ring(slot);
  of.folded.clear();
  of.folded_at.clear();
  std::fill(of.elsewhere.begin(), of.elsewhere.end(), Value());
}

void ValueStore::end_chunk(int slot, int64_t first, int64_t last) {
  const auto count = static_cast<int64_t>(ring(slot).values.size());
  for (int64_t t = std::max<int64_t>(last - count + 1, 0); t <= last; ++t) {
    Value& value = ring(slot).values[place_of(slot, t)];
    if (t < first) {
      value.clear();
    } else {
      value = value.map(carried_on);
    }
  }
}

}  // namespace weft::run
