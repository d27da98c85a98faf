// What goes on from one chunk of training to the next, as checkpoints keep it.
#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/device.h"
#include "framework/run/value_entries.h"
#include "framework/train/chunk_runner.h"
#include "framework/weights/shape_text.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <set>

namespace weft::train {

using run::StepUnit;

namespace {

/// Stands for a tensor that a node has not made yet.
constexpr std::string_view kUndefined = "/undefined";

/// Whether numbers of this type are what a stream of this kind has. Scalars, keypoints and what has no kind are as their
/// nodes make them.
bool is_type_of(std::optional<Kind> kind, at::ScalarType type, at::ScalarType precision) {
  if (!kind || *kind == Kind::Scalar || *kind == Kind::Keypoints || *kind == Kind::Any) return true;
  if (*kind == Kind::Labels || *kind == Kind::Instances) return at::isIntegralType(type, /*includeBool=*/false);
  return type == at::kFloat || (at::isFloatingType(type) && type == precision);
}

/// Compares the values and states of a checkpoint with what a runner expects.
class Comparison {
 public:
  Comparison(const Archive::Entries& entries, const Symbols& symbols, at::ScalarType precision)
      : entries_(entries), symbols_(symbols), precision_(precision) {}

  void compare_value(const std::string& name, const graph::ValueType& type) {
    const auto found = entries_.find(name);
    if (found != entries_.end()) {
      known_.insert(name);
      compare_numbers(name, found->second.scalar_type(), found->second.sizes(), type);
      return;
    }
    for (auto below = entries_.lower_bound(name + '/'); below != entries_.end() && below->first.starts_with(name + '/');
         ++below)
      known_.insert(below->first);
    const auto bytes = entries_.find(name + "/text");
    if (bytes != entries_.end() && bytes->second.scalar_type() != at::kByte)
      differences_.push_back(text(bytes->first, " is no text"));
    try {
      const Value value = run::load_value(name, type.kind, entries_);
      if (!value.has_value()) differences_.push_back(text(name, " is missing"));
      if (value.is_record()) compare_record(name, value.record());
      if (value.is_one_hot()) compare_numbers(name, value.one_hot()->type(), value.sizes(), type);
    } catch (const Error& fault) {
      differences_.push_back(text(name, ": ", fault.message()));
    }
  }

  /// @param fresh  what the node remembers before its first frame
  void compare_state(const std::string& name, const at::Tensor& fresh) {
    known_.insert({name, name + std::string(kUndefined)});
    const auto found = entries_.find(name);
    if (found == entries_.end()) {
      if (!entries_.contains(name + std::string(kUndefined))) differences_.push_back(text(name, " is missing"));
    } else if (fresh.defined() && fresh.scalar_type() != found->second.scalar_type()) {
      differences_.push_back(text(name, " is of type ", c10::toString(found->second.scalar_type()), ", not ",
                                  c10::toString(fresh.scalar_type())));
    }
  }

  std::vector<std::string> end() {
    for (const auto& [name, tensor] : entries_) {
      if (!known_.contains(name)) differences_.push_back(text(name, " is not of this place in the data"));
    }
    return std::move(differences_);
  }

 private:
  void compare_record(const std::string& name, const Record& record) {
    for (const auto& [path, tensor] : record.tensors()) {
      if (!is_type_of(record.spec().find(path)->kind, tensor.scalar_type(), precision_))
        differences_.push_back(text(name, '/', path, " is of type ", c10::toString(tensor.scalar_type())));
    }
    for (const PortSpec& field : record.spec().fields) {
      const bool may_be_absent = field.arity == PortSpec::Arity::Optional || field.name.find('*') != std::string::npos;
      if (!may_be_absent && !record.tensors().contains(field.name))
        differences_.push_back(text(name, '/', field.name, " is missing"));
    }
  }

  void compare_numbers(const std::string& name, at::ScalarType numbers, at::IntArrayRef sizes,
                       const graph::ValueType& type) {
    if (!is_type_of(type.kind, numbers, precision_)) {
      differences_.push_back(text(name, " is of type ", c10::toString(numbers)));
    }
    if (type.dims && !run::unify(symbols_, *type.dims, sizes)) {
      differences_.push_back(text(name, " is ", weights::shape_text(sizes), ", not ", symbols_.describe(*type.dims)));
    }
  }

  const Archive::Entries& entries_;
  Symbols symbols_;
  at::ScalarType precision_;
  std::set<std::string> known_;
  std::vector<std::string> differences_;
};

/// The name of a value of a slot in a checkpoint.
std::string value_name(const graph::Plan& plan, int slot, int64_t t) {
  return text("value ", plan.slot_name(slot), ' ', t);
}

std::string state_name(const StepUnit& unit, const std::string& name) {
  return text("state ", unit.description->path, ' ', name);
}

const graph::ValueType& type_of(const graph::Plan& plan, int slot) {
  const graph::Slot& of = plan.slots[static_cast<size_t>(slot)];
  return plan.typing
      .outputs[static_cast<size_t>(plan.steps[static_cast<size_t>(of.step)].node)][static_cast<size_t>(of.output)];
}

}  // namespace

/// Calls `visit` with each slot, t and the step that made it, of the values that the next chunk reads.
template <typename Visit>
void ChunkRunner::for_each_carried(const Visit& visit) const {
  for (size_t slot = 0; slot < plan_.slots.size(); ++slot) {
    const StepUnit& maker = steps_.at(plan_.slots[slot].step);
    if (maker.step->is_still || maker.role == run::Role::Source) continue;
    const auto [first, last] = carried_times(static_cast<int>(slot));
    for (int64_t t = std::max<int64_t>(first, 0); t <= last; ++t) visit(static_cast<int>(slot), t, maker);
  }
}

std::vector<std::string> ChunkRunner::differences(const Archive::Entries& entries) {
  Comparison comparison(entries, steps_.sizes().symbols(), steps_.options().precision);
  for_each_carried([&](int slot, int64_t t, const StepUnit& maker) {
    timeline_.look_at(t - maker.step->lead);
    if (timeline_.runs(maker.index)) comparison.compare_value(value_name(plan_, slot, t), type_of(plan_, slot));
  });
  timeline_.look_at(timeline_.last_decided());
  for (const StepUnit& unit : steps_.all()) {
    if (!unit.has_state()) continue;
    Archive archive;
    unit.node->state(archive);
    for (const auto& [name, fresh] : archive.entries()) comparison.compare_state(state_name(unit, name), fresh);
  }
  return comparison.end();
}

Archive::Entries ChunkRunner::carried() const {
  Archive::Entries entries;
  for_each_carried([&](int slot, int64_t t, const StepUnit&) {
    run::save_value(value_name(plan_, slot, t), steps_.store().at(slot, t), entries);
  });
  for (const StepUnit& unit : steps_.all()) {
    if (!unit.has_state()) continue;
    Archive archive;
    unit.node->state(archive);
    for (const auto& [name, tensor] : archive.entries()) {
      const std::string key = state_name(unit, name);
      tensor.defined() ? entries[key] = tensor : entries[key + std::string(kUndefined)] = at::empty({0}, at::kByte);
    }
  }
  return entries;
}

void ChunkRunner::restore(const Archive::Entries& entries) {
  for_each_carried([&](int slot, int64_t t, const StepUnit& maker) {
    const Value value = run::load_value(value_name(plan_, slot, t), type_of(plan_, slot).kind, entries);
    const at::Device place = run::place_of(*maker.description->spec, steps_.options().device);
    steps_.store().put(slot, t, value.map([&](const at::Tensor& tensor) { return tensor.to(place); }));
  });
  for (StepUnit& unit : steps_.all()) {
    if (!unit.has_state()) continue;
    Archive archive;
    unit.node->state(archive);
    Archive::Entries saved;
    const at::Device place = run::place_of(*unit.description->spec, steps_.options().device);
    for (const auto& [name, unused] : archive.entries()) {
      const std::string key = state_name(unit, name);
      const auto found = entries.find(key);
      if (found != entries.end()) saved[name] = found->second.to(place);
      if (entries.contains(key + std::string(kUndefined))) saved[name] = at::Tensor();
    }
    Archive restored(saved);
    try {
      unit.node->state(restored);
    } catch (const std::exception& failure) {
      const std::string why = failure.what();
      throw Error(Exit::Data, text("what node \"", unit.description->path,
                                   "\" is to remember does not fit it: ", why.substr(0, why.find('\n'))));
    }
  }
}

}  // namespace weft::train
