#include "framework/run/binder.h"

#include "framework/base/text.h"
#include "framework/graph/plan_reads.h"
#include "framework/run/device.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::run {

using graph::Alternative;
using graph::Atom;
using graph::FrameRead;
using graph::Read;
using graph::Step;

namespace {

bool is_same(const Atom& a, const Atom& b) {
  return a.slot == b.slot && a.delay == b.delay && a.before == b.before;
}

bool is_same(const Alternative& a, const Alternative& b) {
  return a.frames == b.frames && a.step == b.step &&
         std::equal(a.oldest.atoms.begin(), a.oldest.atoms.end(), b.oldest.atoms.begin(), b.oldest.atoms.end(),
                    [](const Atom& p, const Atom& q) { return is_same(p, q); });
}

at::Tensor detached(const at::Tensor& tensor) {
  return tensor.detach();
}

}  // namespace

BoundInputs::BoundInputs(const Step& step)
    : step_(step), values_(step.inputs.size()), places_(step.inputs.size()), ports_(step.inputs.size()) {
  for (size_t port = 0; port < step.inputs.size(); ++port) {
    values_[port].reserve(step.inputs[port].reads.size());
    places_[port].reserve(step.inputs[port].reads.size());
  }
}

void BoundInputs::clear(size_t port) {
  values_[port].clear();
  places_[port].clear();
}

void BoundInputs::add(size_t port, const Value* value, size_t place) {
  values_[port].push_back(value);
  places_[port].push_back(place);
}

std::span<const PortInput> BoundInputs::ports() {
  for (size_t port = 0; port < ports_.size(); ++port) {
    ports_[port] = {values_[port].data(), values_[port].size(), places_[port].data(), step_.inputs[port].reads.size()};
  }
  return ports_;
}

std::string BoundInputs::describe(const NodeSpec& spec) const {
  std::vector<std::string> parts;
  for (size_t port = 0; port < values_.size(); ++port) {
    for (const Value* value : values_[port]) parts.push_back(text(spec.inputs[port].name, ' ', value->describe()));
  }
  return join(parts);
}

Binder::Binder(const graph::Plan& plan, const graph::Timeline& timeline, ValueStore& store, const DataSizes& sizes,
               at::Device device, Cut cut)
    : plan_(plan), timeline_(timeline), store_(store), sizes_(sizes), device_(device), cut_(std::move(cut)) {
  inputs_.reserve(plan.steps.size());
  for (const Step& step : plan.steps) inputs_.emplace_back(step);
  number_windows();
}

void Binder::number_windows() {
  struct Known {
    const Alternative* alternative;
    int64_t lead;  // of the reader
    at::Device place;
  };
  std::vector<Known> known;
  for (size_t index = 0; index < plan_.steps.size(); ++index) {
    const Step& step = plan_.steps[index];
    const at::Device place = device_of(static_cast<int>(index));
    graph::for_each_alternative(step, [&](const Alternative& alternative) {
      if (!alternative.is_window) return;
      const auto same = std::find_if(known.begin(), known.end(), [&](const Known& one) {
        return one.lead == step.lead && one.place == place && is_same(*one.alternative, alternative);
      });
      const auto number = static_cast<size_t>(same - known.begin());
      if (same == known.end()) {
        known.push_back({&alternative, step.lead, place});
        windows_.emplace_back();
      }
      window_numbers_[&alternative] = number;
      windows_[number].last_step = static_cast<int>(index);
    });
  }
}

void Binder::begin_sequence() {
  end_tick();
  zeros_.clear();
}

BoundInputs& Binder::bind(int step) {
  BoundInputs& bound = inputs(step);
  bound.drop_own();
  const std::vector<graph::StepInput>& ports = plan_.steps[static_cast<size_t>(step)].inputs;
  for (size_t port = 0; port < ports.size(); ++port) {
    bound.clear(port);
    const std::vector<Read>& reads = ports[port].reads;
    for (size_t place = 0; place < reads.size(); ++place) {
      const Alternative* chosen = timeline_.choose(step, reads[place]);
      if (chosen) bound.add(port, value_of(step, reads[place], *chosen), place);
    }
  }
  return bound;
}

const Value* Binder::value_of(int step, const Read& read, const Alternative& alternative) {
  const bool is_cut = cut_ && cut_(alternative);
  if (!alternative.is_window) {
    const Value* value = frame_of(step, read, false, alternative.oldest);
    return is_cut ? inputs(step).keep(value->map(detached)) : value;
  }
  Window& window = windows_[window_numbers_.at(&alternative)];
  Value& joined = is_cut ? window.detached : window.value;
  if (!joined.has_value()) {
    std::vector<nn::MapOrIds> frames;
    frames.reserve(static_cast<size_t>(alternative.frames));
    for (int64_t index = 0; index < alternative.frames; ++index) {
      const Value& frame = *frame_of(step, read, true, alternative.frame(index));
      if (frame.is_one_hot()) {
        frames.emplace_back(frame.one_hot());  // ids have no gradients
      } else {
        frames.emplace_back(is_cut ? frame.tensor().detach() : frame.tensor());
      }
    }
    joined = Value(std::move(frames));
  }
  return &joined;
}

const Value* Binder::frame_of(int step, const Read& read, bool inside_window, const FrameRead& frame) {
  const Atom& atom = *timeline_.choose(step, frame);
  if (atom.slot == Atom::kZeros) return zeros_of(step, read, inside_window);
  const int64_t t = timeline_.time(step) - atom.delay;
  // On a GPU a node may work in the other memory than the one that made the value.
  const int maker = plan_.slots[static_cast<size_t>(atom.slot)].step;
  const graph::NodeRole role = node_of(step).role;
  const bool takes_either =
      role == graph::NodeRole::Wanted || role == graph::NodeRole::Watched || node_of(step).spec->is_sink;
  const bool is_there = device_.is_cpu() || takes_either || device_of(step) == device_of(maker);
  return is_there ? &store_.at(atom.slot, t) : &store_.at(atom.slot, t, device_of(step));
}

const Value* Binder::zeros_of(int step, const Read& read, bool inside_window) {
  Value& zeros = zeros_[{&read, inside_window}];
  if (zeros.has_value()) return &zeros;
  const bool has_ids = read.type.kind == Kind::Labels || read.type.kind == Kind::Instances;
  zeros = at::zeros(sizes_.frame_sizes(node_of(step), read, inside_window),
                    at::TensorOptions().dtype(has_ids ? at::kLong : at::kFloat).device(device_of(step)));
  return &zeros;
}

const graph::FlatNode& Binder::node_of(int step) const {
  return plan_.graph.nodes[static_cast<size_t>(plan_.steps[static_cast<size_t>(step)].node)];
}

at::Device Binder::device_of(int step) const {
  return place_of(*node_of(step).spec, device_);
}

void Binder::end_step(int step) {
  for (Window& window : windows_) {
    if (window.last_step != step) continue;
    window.value.clear();
    window.detached.clear();
  }
}

void Binder::end_tick() {
  for (Window& window : windows_) {
    window.value.clear();
    window.detached.clear();
  }
}

}  // namespace weft::run
