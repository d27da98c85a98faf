#include "framework/run/executor.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/origin.h"
#include "framework/graph/plan_reads.h"
#include "framework/run/batch.h"
#include "framework/run/executor_unit.h"
#include "framework/run/node_failure.h"
#include "framework/run/recompute.h"
#include "framework/run/source_needs.h"

#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::run {

using graph::Alternative;
using graph::Atom;
using graph::FlatNode;
using graph::FrameRead;
using graph::Plan;
using graph::Read;
using graph::Slot;
using graph::Step;

namespace {

Role role_of(const FlatNode& node) {
  if (node.role == graph::NodeRole::Hold) return Role::Hold;
  if (node.role == graph::NodeRole::Pushed) return Role::Pushed;
  if (!node.is_of_plugin()) return Role::Wanted;
  if (node.spec->is_source) return Role::Source;
  return node.spec->is_sink ? Role::Sink : Role::Compute;
}

bool is_same(const Atom& a, const Atom& b) {
  return a.slot == b.slot && a.delay == b.delay && a.before == b.before;
}

bool is_same(const Alternative& a, const Alternative& b) {
  return a.frames == b.frames && a.step == b.step &&
         std::equal(a.oldest.atoms.begin(), a.oldest.atoms.end(), b.oldest.atoms.begin(), b.oldest.atoms.end(),
                    [](const Atom& p, const Atom& q) { return is_same(p, q); });
}

/// Refuses a read of an output that the data of a source lacks.
[[noreturn]] void fail_for_left_out(const FlatNode& source, size_t output) {
  const std::string& name = source.spec->outputs[output].name;
  throw Error(
      Exit::Data, source.place,
      text("node \"", source.path, "\" has no ", name, " in its data, but `", source.path, '.', name, "` is read"))
      .hint("add them to the data, or remove the nodes that read them");
}

/// The first value that a source has.
std::string describe_first(const std::vector<Value>& outputs) {
  const auto first = std::find_if(outputs.begin(), outputs.end(), [](const Value& one) { return one.has_value(); });
  return first == outputs.end() ? "" : first->describe();
}

}  // namespace

Executor::Executor(const Plan& plan, std::vector<Node*> nodes, ExecutorOptions options, Log& log)
    : plan_(plan), options_(std::move(options)), timeline_(plan, options_.range), symbols_(plan.typing.symbols) {
  for (const Slot& slot : plan.slots) {
    Ring ring;
    ring.values.resize(static_cast<size_t>(slot.length));
    ring.elsewhere.resize(static_cast<size_t>(slot.length));
    rings_.push_back(std::move(ring));
  }
  if (options_.learning) order_ = graph::chunk_order(plan);
  make_units(nodes, log);
  number_windows();
}

Executor::~Executor() = default;

void Executor::make_units(const std::vector<Node*>& nodes, Log& log) {
  for (size_t index = 0; index < plan_.steps.size(); ++index) {
    auto unit = std::make_unique<Unit>();
    unit->index = static_cast<int>(index);
    unit->step = &plan_.steps[index];
    unit->description = &plan_.graph.nodes[static_cast<size_t>(unit->step->node)];
    unit->role = role_of(*unit->description);
    unit->node = nodes[static_cast<size_t>(unit->step->node)];
    unit->context =
        std::make_unique<Context>(unit->description->path, options_.seed, options_.device, options_.precision, log);
    for (const auto& input : unit->step->inputs) {
      unit->bound.emplace_back().reserve(input.reads.size());
      unit->places.emplace_back().reserve(input.reads.size());
      unit->ports.emplace_back();
    }
    unit->outputs.resize(unit->description->spec->outputs.size());
    unit->context->set_epoch(options_.epoch);
    unit->context->set_training(options_.learning && options_.learning->trains[index] != 0);
    if (unit->role == Role::Source) {
      make_readers(*unit);
    } else if (unit->role == Role::Sink) {
      unit->context->set_origins(graph::origins(plan_.graph, *unit->description));
      unit->writer = std::make_unique<SinkWriter>(*unit->node, *unit->description, *unit->context,
                                                  options_.write_behind, options_.trace, options_.allows_not_finite);
    } else if (unit->role == Role::Pushed) {
      pushed_[unit->description->path] = unit->index;
    } else if (unit->role == Role::Wanted) {
      wanted_[unit->step->node] = unit->index;
    }
    units_.push_back(std::move(unit));
  }
}

void Executor::make_readers(Unit& unit) {
  SourceReader::Options options{options_.read_ahead, last_needed(plan_, unit.index), options_.trace};
  options.for_training = options_.learning != nullptr;
  options.stop = options_.stop;
  const auto add = [&](Node& node) {
    unit.readers.push_back(std::make_unique<SourceReader>(node, *unit.description, *unit.context, options));
  };
  add(*unit.node);
  for (const std::vector<Node*>& clip : options_.more_clips) add(*clip[static_cast<size_t>(unit.step->node)]);
}

/// Steps that read the same frames share one window, so that it is joined once.
void Executor::number_windows() {
  std::vector<std::pair<const Alternative*, int64_t>> known;  // with the lead of the reader
  for (size_t index = 0; index < plan_.steps.size(); ++index) {
    const Step& step = plan_.steps[index];
    for_each_alternative(step, [&](const Alternative& alternative) {
      if (!alternative.is_window) return;
      const auto same = std::find_if(known.begin(), known.end(), [&](const auto& one) {
        return one.second == step.lead && is_same(*one.first, alternative);
      });
      const int number = static_cast<int>(same - known.begin());
      if (same == known.end()) {
        known.emplace_back(&alternative, step.lead);
        windows_.emplace_back();
      }
      window_numbers_[&alternative] = number;
      windows_[static_cast<size_t>(number)].last_step = static_cast<int>(index);
    });
  }
}

void Executor::begin_sequence(const Row& row, const std::vector<int64_t>& lengths) {
  timeline_.begin(lengths);
  in_chunks_ = false;
  reset_sequence(row);
}

void Executor::reset_sequence(const Row& row) {
  frames_done_ = position_ = 0;
  first_not_finite_.clear();
  symbols_ = plan_.typing.symbols;
  for (Ring& ring : rings_) {
    std::fill(ring.values.begin(), ring.values.end(), Value());
    std::fill(ring.elsewhere.begin(), ring.elsewhere.end(), Value());
  }
  drop_windows();
  const auto begin = [&](Context& context, uint64_t index) {
    context.set_sequence(row.name, index);
    context.set_frame_names(row.frame_names);
    context.set_recording(row.recording);
  };
  for (auto& unit : units_) {
    unit->is_sized = unit->has_still = false;
    unit->given = unit->first_pushed = 0;
    unit->pushed.clear();
    unit->zeros.clear();
    unit->wanted.clear();
    unit->collected.clear();
    begin(*unit->context, row.index);
    if (unit->node) unit->node->reset();
    for (size_t clip = 0; clip < unit->readers.size(); ++clip) {
      begin(unit->readers[clip]->context(), row.index * unit->readers.size() + clip);
      unit->readers[clip]->begin();
    }
    if (unit->writer) {
      begin(unit->writer->context(), row.index);
      unit->writer->begin();
    }
  }
}

bool Executor::tick() {
  if (timeline_.is_over()) return false;
  timeline_.tick([this](int step, int64_t t) { return ask(step, t); });
  bool has_run = false;
  for (auto& unit : units_) {
    if (timeline_.runs(unit->index)) {
      has_run = true;
      run_step(*unit);
      if (unit->step->is_goal) count_frame(*unit);
    }
    release(*unit);
    if (unit->role == Role::Pushed) drop_pushed(*unit, timeline_.time(unit->index) + 1);
  }
  return has_run || !timeline_.is_over();
}

void Executor::count_frame(Unit& goal) {
  if (!goal.description->spec->is_source) ++goal.given;  // a source has counted it
  frames_done_ = std::max(frames_done_, goal.given);
  position_ = std::max(position_, timeline_.time(goal.index) + 1);
}

bool Executor::ask(int step, int64_t t) {
  Unit& unit = *units_[static_cast<size_t>(step)];
  if (unit.role == Role::Pushed) {
    drop_pushed(unit, t);
    if (unit.pushed.empty()) return false;
    unit.outputs.front() = unit.pushed.front();
  } else if (!read_sources(unit, t)) {
    return false;
  }
  if (unit.given++ == 0) unit.shape = describe_first(unit.outputs);
  // A chunk's frames are read before any of them is used.
  if (in_chunks_ && !unit.step->is_still) {
    if (!unit.is_sized) learn_sizes(unit);
    store(unit, t);
  }
  return true;
}

/// Takes the frame at t of each clip. @returns false when one of them has ended
bool Executor::read_sources(Unit& unit, int64_t t) {
  std::vector<std::vector<Value>> clips;
  for (const auto& reader : unit.readers) {
    auto outputs = reader->take(t);
    if (!outputs) return false;
    clips.push_back(std::move(*outputs));
  }
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    std::vector<const Value*> values;
    for (const std::vector<Value>& clip : clips) values.push_back(&clip[output]);
    const bool is_read = unit.step->slots[output] >= 0;
    if (is_read && !values.front()->has_value()) fail_for_left_out(*unit.description, output);
    // Texts and scalars cannot form a batch; in most cases no node reads them.
    if (values.size() > 1 && !is_read) continue;
    unit.outputs[output] = values.size() == 1 ? *values.front() : join_batch(values);
  }
  return true;
}

/// Drops the frames before t, which no node needed.
void Executor::drop_pushed(Unit& unit, int64_t t) {
  for (; unit.first_pushed < t && !unit.pushed.empty(); ++unit.first_pushed) unit.pushed.pop_front();
}

std::string Executor::source_text(int step) const {
  const Unit& unit = *units_[static_cast<size_t>(step)];
  return text(count_text(unit.given, "frame"), unit.given > 0 ? text(" of ", unit.shape) : "");
}

/// Nodes say themselves what went wrong in them; this is for what LibTorch throws between them.
void Executor::run_step(Unit& unit) {
  try {
    carry_out(unit);
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    throw node_failure(std::current_exception(), *unit.description, timeline_.time(unit.index), "");
  }
}

void Executor::carry_out(Unit& unit) {
  if (unit.step->is_still && unit.has_still) return;
  unit.has_still = unit.step->is_still;
  unit.context->set_frame(timeline_.time(unit.index));
  switch (unit.role) {
    case Role::Pushed:
      if (in_chunks_) return;  // its frames are there
      break;
    case Role::Source:
      if (in_chunks_ && !unit.step->is_still) return;
      if (unit.step->is_still && !ask(unit.index, 0)) {
        throw node_failure(std::make_exception_ptr(Error(Exit::Data, "this source has no value")), *unit.description, 0,
                           "");
      }
      break;
    case Role::Hold:
      bind(unit);
      unit.outputs.front() = *unit.bound.front().front();
      break;
    case Role::Wanted:
      bind(unit);
      unit.wanted = *unit.bound.front().front();
      if (in_chunks_) unit.collected.push_back(unit.wanted);
      return;
    case Role::Sink:
      bind(unit);
      give(unit);
      return;
    case Role::Compute:
      bind(unit);
      call(unit);
      look_for_not_finite(unit);
      break;
  }
  if (!unit.is_sized) learn_sizes(unit);
  store(unit, timeline_.time(unit.index));
}

void Executor::bind(Unit& unit) {
  unit.detached.clear();
  for (size_t port = 0; port < unit.step->inputs.size(); ++port) {
    const std::vector<Read>& reads = unit.step->inputs[port].reads;
    auto& values = unit.bound[port];
    auto& places = unit.places[port];
    values.clear();
    places.clear();
    for (size_t place = 0; place < reads.size(); ++place) {
      const Alternative* chosen = timeline_.choose(unit.index, reads[place]);
      if (!chosen) continue;
      values.push_back(value_of(unit, reads[place], *chosen));
      places.push_back(place);
    }
    unit.ports[port] = {values.data(), values.size(), places.data(), reads.size()};
  }
}

const Value* Executor::value_of(Unit& unit, const Read& read, const Alternative& alternative) {
  const bool is_cut = cuts_gradients(alternative);
  const auto detach = [](const at::Tensor& tensor) { return tensor.detach(); };
  if (!alternative.is_window) {
    const Value* value = frame_of(unit, read, alternative, alternative.oldest);
    return is_cut ? &unit.detached.emplace_back(value->map(detach)) : value;
  }
  WindowUse& window = windows_[static_cast<size_t>(window_numbers_.at(&alternative))];
  Value& joined = is_cut ? window.detached : window.value;
  if (!joined.has_value()) {
    std::vector<at::Tensor> frames;
    frames.reserve(static_cast<size_t>(alternative.frames));
    for (int64_t index = 0; index < alternative.frames; ++index) {
      const at::Tensor& tensor = frame_of(unit, read, alternative, alternative.frame(index))->tensor();
      frames.push_back(is_cut ? tensor.detach() : tensor);
    }
    joined = Value(std::move(frames));
  }
  return &joined;
}

const Value* Executor::frame_of(Unit& unit, const Read& read, const Alternative& alternative, const FrameRead& frame) {
  const Atom& atom = *timeline_.choose(unit.index, frame);
  if (atom.slot == Atom::kZeros) return zeros_of(unit, read, alternative.is_window);
  const int64_t t = timeline_.time(unit.index) - atom.delay;
  Value& value = entry(atom.slot, t);
  if (options_.device.is_cpu()) return &value;
  // On a GPU a node may work in the other memory than the one that made the value.
  const auto works_on_host = [&](const Unit& one) { return one.description->spec->on_host; };
  const Unit& maker = *units_[static_cast<size_t>(plan_.slots[static_cast<size_t>(atom.slot)].step)];
  if (unit.role == Role::Sink || unit.role == Role::Wanted || unit.role == Role::Hold ||
      works_on_host(unit) == works_on_host(maker))
    return &value;
  Ring& ring = rings_[static_cast<size_t>(atom.slot)];
  Value& other = ring.elsewhere[static_cast<size_t>(&value - ring.values.data())];
  if (!other.has_value()) {
    const at::Device target = works_on_host(unit) ? at::Device(at::kCPU) : options_.device;
    other = value.map([&](const at::Tensor& tensor) { return tensor.to(target); });
  }
  return &other;
}

const Value* Executor::zeros_of(Unit& unit, const Read& read, bool inside_window) {
  Value& zeros = unit.zeros[{&read, inside_window}];
  if (zeros.has_value()) return &zeros;
  std::vector<int64_t> sizes;
  const Dims dims = read.type.dims.value_or(Dims());
  for (size_t i = 0; i < dims.size(); ++i) {
    if (inside_window && i == 1) continue;  // one frame of the window
    const Dim size = symbols_.resolve(dims[i]);
    if (!size.is_known()) {
      throw Error(Exit::Graph, unit.description->place,
                  text("node \"", unit.description->path, "\": the size of the zeros in \"", read.text,
                       "\" is not known: ", symbols_.describe(dims)))
          .hint("give the source a `size`");
    }
    sizes.push_back(size.value());
  }
  const bool has_ids = read.type.kind == Kind::Labels || read.type.kind == Kind::Instances;
  const at::Device device = unit.description->spec->on_host ? at::Device(at::kCPU) : options_.device;
  zeros = at::zeros(sizes, at::TensorOptions().dtype(has_ids ? at::kLong : at::kFloat).device(device));
  return &zeros;
}

void Executor::call(Unit& unit) {
  const TraceScope scope(options_.trace, unit.description->path, lane_, unit.context->frame());
  try {
    const bool recomputes = keeps_gradients_ && options_.learning->recomputes[static_cast<size_t>(unit.index)] != 0;
    recomputes ? run_recomputing(*unit.node, unit.ports, unit.outputs, *unit.context)
               : static_cast<void>(unit.node->run(unit.ports, unit.outputs, *unit.context));
  } catch (...) {
    throw node_failure(std::current_exception(), *unit.description, unit.context->frame(), describe_inputs(unit));
  }
}

Value& Executor::entry(int slot, int64_t t) {
  Ring& ring = rings_[static_cast<size_t>(slot)];
  const auto length = static_cast<int64_t>(ring.values.size());
  const bool is_still = plan_.steps[static_cast<size_t>(plan_.slots[static_cast<size_t>(slot)].step)].is_still;
  return ring.values[static_cast<size_t>(is_still || length == 1 ? 0 : t % length)];
}

void Executor::store(Unit& unit, int64_t t) {
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    const int slot = unit.step->slots[output];
    if (slot >= 0) {
      Value& value = entry(slot, t);
      Ring& ring = rings_[static_cast<size_t>(slot)];
      ring.elsewhere[static_cast<size_t>(&value - ring.values.data())].clear();
      value = std::move(unit.outputs[output]);
    }
    unit.outputs[output].clear();
  }
}

void Executor::release(const Unit& unit) {
  for (const graph::Release& release : unit.step->releases) {
    const int maker = plan_.slots[static_cast<size_t>(release.slot)].step;
    const int64_t t = timeline_.time(maker) - release.age;
    if (t < 0) continue;
    Value& value = entry(release.slot, t);
    Ring& ring = rings_[static_cast<size_t>(release.slot)];
    ring.elsewhere[static_cast<size_t>(&value - ring.values.data())].clear();
    value.clear();
  }
  for (WindowUse& window : windows_) {
    if (window.last_step == unit.index) window.value.clear();
  }
}

/// Compares the sizes of a node's first outputs with what the check knows, and learns those that only the data knew.
void Executor::learn_sizes(const Unit& unit) {
  units_[static_cast<size_t>(unit.index)]->is_sized = true;
  const bool is_input = unit.role == Role::Source || unit.role == Role::Pushed;
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    const graph::ValueType& type = plan_.typing.outputs[static_cast<size_t>(unit.step->node)][output];
    if (!type.dims || !type.kind || !is_tensor(*type.kind) || !unit.outputs[output].has_value()) continue;
    const at::IntArrayRef sizes = unit.outputs[output].tensor().sizes();
    bool fits = sizes.size() == type.dims->size();
    for (size_t i = 0; fits && i < sizes.size(); ++i) {
      fits = symbols_.unify((*type.dims)[i], Dim(sizes[i])) != Symbols::Verdict::Different;
    }
    if (fits) continue;
    throw Error(is_input ? Exit::Data : Exit::Failed, unit.description->place,
                text("node \"", unit.description->path, "\": its ", unit.description->spec->outputs[output].name,
                     " is ", unit.outputs[output].describe(), ", but ", symbols_.describe(*type.dims), " was expected"))
        .hint(is_input ? "sources that are used together must have one size; set `size` on each" : "");
  }
  if (is_input) check_sizes();
}

/// What could not be divided before the sizes were known.
void Executor::check_sizes() const {
  for (const auto& unit : units_) {
    const auto& types = plan_.typing.outputs[static_cast<size_t>(unit->step->node)];
    for (size_t output = 0; output < types.size(); ++output) {
      for (const Dim& dim : types[output].dims.value_or(Dims())) {
        const Dim size = symbols_.resolve(dim);
        if (size.symbol() != Dim::kNoSymbol || size.is_known()) continue;
        throw Error(Exit::Data, unit->description->place,
                    text("node \"", unit->description->path, "\": ", unit->description->spec->type, " cannot divide ",
                         size.numerator(), " by ", size.denominator()))
            .hint("set `size` on the sources to a height and width that are divisible");
      }
    }
  }
}

std::string Executor::describe_inputs(const Unit& unit) const {
  std::vector<std::string> parts;
  for (size_t port = 0; port < unit.bound.size(); ++port) {
    for (const Value* value : unit.bound[port])
      parts.push_back(text(unit.description->spec->inputs[port].name, ' ', value->describe()));
  }
  return join(parts);
}

void Executor::push(const std::string& input, Value value) {
  const auto found = pushed_.find(input);
  // An input that no goal needs is not in the plan.
  if (found != pushed_.end()) units_[static_cast<size_t>(found->second)]->pushed.push_back(std::move(value));
}

const Value& Executor::wanted(const std::string& path) const {
  static const Value nothing;
  const auto found = wanted_.find(plan_.graph.find_goal(graph::NodeRole::Wanted, path));
  if (found == wanted_.end()) return nothing;
  const Unit& unit = *units_[static_cast<size_t>(found->second)];
  return timeline_.runs(unit.index) ? unit.wanted : nothing;
}

void Executor::close_readers() {
  for (auto& unit : units_) {
    for (auto& reader : unit->readers) reader->close();
  }
}

}  // namespace weft::run
