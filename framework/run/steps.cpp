#include "framework/run/steps.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/origin.h"
#include "framework/graph/plan_reads.h"
#include "framework/run/batch.h"
#include "framework/run/device.h"
#include "framework/run/node_failure.h"
#include "framework/run/recompute.h"
#include "framework/run/source_needs.h"

#include <algorithm>

namespace weft::run {

using graph::FlatNode;

namespace {

Role role_of(const FlatNode& node) {
  if (node.role == graph::NodeRole::Hold) return Role::Hold;
  if (node.role == graph::NodeRole::Pushed) return Role::Pushed;
  if (!node.is_of_plugin()) return Role::Wanted;
  if (node.spec->is_source) return Role::Source;
  return node.spec->is_sink ? Role::Sink : Role::Compute;
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

bool is_on_cpu(const Value& value) {
  bool is_there = true;
  value.visit([&](const std::string&, const at::Tensor& tensor) { is_there = is_there && tensor.is_cpu(); });
  return is_there;
}

}  // namespace

Steps::Steps(const graph::Plan& plan, const graph::Timeline& timeline, const std::vector<Node*>& nodes,
             const SourceGroup& sources, RunnerOptions options, Binder::Cut cut, Log& log)
    : plan_(plan),
      timeline_(timeline),
      options_(std::move(options)),
      store_(plan),
      sizes_(plan),
      binder_(plan, timeline, store_, sizes_, options_.device, std::move(cut)) {
  units_.reserve(plan.steps.size());
  for (size_t index = 0; index < plan.steps.size(); ++index) units_.push_back(make_unit(index, nodes, sources, log));
  find_slots_on_host();
}

StepUnit Steps::make_unit(size_t index, const std::vector<Node*>& nodes, const SourceGroup& sources, Log& log) {
  StepUnit unit;
  unit.index = static_cast<int>(index);
  unit.step = &plan_.steps[index];
  unit.description = &plan_.graph.nodes[static_cast<size_t>(unit.step->node)];
  unit.role = role_of(*unit.description);
  unit.node = nodes[static_cast<size_t>(unit.step->node)];
  unit.context =
      std::make_unique<Context>(unit.description->path, options_.seed, options_.device, options_.precision, log);
  unit.outputs.resize(unit.description->spec->outputs.size());
  unit.outputs_on_host.resize(unit.outputs.size());
  unit.context->set_epoch(options_.epoch);
  unit.context->set_training(!options_.trains.empty() && options_.trains[index] != 0);
  if (unit.role == Role::Source) make_readers(unit, sources);
  if (unit.role == Role::Pushed) pushed_[unit.description->path] = unit.index;
  if (unit.role == Role::Wanted) goals_[unit.step->node] = unit.index;
  if (unit.role != Role::Sink) return unit;
  unit.context->set_origins(graph::origins(plan_.graph, *unit.description));
  unit.writer = std::make_unique<SinkWriter>(*unit.node->as_sink(), *unit.description, *unit.context,
                                             options_.write_behind, options_.trace, options_.allows_not_finite);
  return unit;
}

void Steps::make_readers(StepUnit& unit, const SourceGroup& sources) {
  SourceReader::Options options;
  options.ahead = options_.read_ahead;
  options.last = last_needed(plan_, unit.index);
  options.trace = options_.trace;
  options.for_training = !options_.trains.empty();
  if (!options.for_training) options.least = least_frames(plan_, unit.index);
  options.stop = options_.stop;
  for (Source* source : sources.of_step(unit.index))
    unit.readers.push_back(std::make_unique<SourceReader>(*source, *unit.description, *unit.context, options));
}

const StepUnit* Steps::goal(int node) const {
  const auto found = goals_.find(node);
  return found == goals_.end() ? nullptr : &at(found->second);
}

void Steps::begin_sequence(const std::vector<Row>& rows, uint64_t index) {
  store_.clear();
  sizes_.begin_sequence();
  binder_.begin_sequence();
  places_.clear();
  for (const Row& row : rows) places_.push_back(row.place);
  Row of_batch = rows.front();
  of_batch.index = index;
  for (StepUnit& unit : units_) {
    unit.has_static = false;
    unit.given = unit.first_pushed = 0;
    unit.pushed.clear();
    unit.wanted.clear();
    unit.collected.clear();
    of_batch.describe_to(*unit.context);
    if (unit.node) unit.node->reset();
    if (unit.role == Role::Source) {
      for (const Row& row : rows) {
        row.describe_to(unit.readers[row.place]->context());
        unit.readers[row.place]->begin();
      }
    }
    if (unit.writer) {
      of_batch.describe_to(unit.writer->context());
      unit.writer->begin();
    }
  }
}

void Steps::push(const std::string& input, Value value) {
  const auto found = pushed_.find(input);
  // An input that no goal needs is not in the plan.
  if (found == pushed_.end()) return;
  at(found->second).pushed.push_back(std::move(value));
}

void Steps::drop_pushed(StepUnit& unit, int64_t t) {
  for (; unit.first_pushed < t && !unit.pushed.empty(); ++unit.first_pushed) unit.pushed.pop_front();
}

bool Steps::take_frame(StepUnit& unit, int64_t t) {
  if (unit.role == Role::Pushed) {
    drop_pushed(unit, t);
    if (unit.pushed.empty()) return false;
    const Value& pushed = unit.pushed.front();
    unit.outputs.front() = pushed.map([this](const at::Tensor& tensor) { return sent_to(tensor, options_.device); });
    if (!options_.device.is_cpu() && is_on_cpu(pushed)) unit.outputs_on_host.front() = pushed;
  } else if (!take_rows(unit, t)) {
    return false;
  }
  if (unit.given++ == 0) unit.shape = describe_first(unit.outputs);
  return true;
}

/// The outputs at t of each row; nothing when the rows have ended.
/// @throws Error  (Data) when some rows of a run end before others; in training they end with the shortest
std::vector<std::vector<SourceReader::Output>> Steps::read_rows(StepUnit& unit, int64_t t) {
  std::vector<std::vector<SourceReader::Output>> rows;
  for (const size_t place : places_) {
    if (auto outputs = unit.readers[place]->take(t)) rows.push_back(std::move(*outputs));
  }
  if (rows.size() == places_.size()) return rows;
  if (rows.empty() || !options_.trains.empty()) return {};
  const Error error = Error(Exit::Data, text("of the sequences in the batch, ", places_.size() - rows.size(), " of ",
                                             places_.size(), " end at frame ", t, ", and the others do not"))
                          .hint("run it with run.batch = 1");
  throw node_failure(std::make_exception_ptr(error), *unit.description, t, "");
}

/// Takes the frame at t of each row, side by side. @returns false when they have ended
bool Steps::take_rows(StepUnit& unit, int64_t t) {
  const std::vector<std::vector<SourceReader::Output>> rows = read_rows(unit, t);
  if (rows.empty()) return false;
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    std::vector<const Value*> values, on_host;
    for (const std::vector<SourceReader::Output>& row : rows) {
      values.push_back(&row[output].value);
      on_host.push_back(&row[output].on_host);
    }
    const bool is_read = unit.step->slots[output] >= 0;
    if (is_read && !values.front()->has_value()) fail_for_left_out(*unit.description, output);
    // Texts and scalars cannot form a batch; in most cases no node reads them.
    if (values.size() > 1 && !is_read) continue;
    const Kind& kind = unit.description->spec->outputs[output].kind;
    const auto joined = [&](const std::vector<const Value*>& all) {
      return all.size() == 1 ? *all.front() : join_batch(all, kind);
    };
    unit.outputs[output] = joined(values);
    if (is_read && on_host.front()->has_value() && is_on_host_[static_cast<size_t>(unit.step->slots[output])])
      unit.outputs_on_host[output] = joined(on_host);
  }
  return true;
}

void Steps::find_slots_on_host() {
  is_on_host_.resize(plan_.slots.size());
  for (const StepUnit& unit : units_) {
    if (!unit.description->spec->on_host) continue;
    graph::for_each_atom(*unit.step, [&](const graph::Atom& atom, const graph::Alternative&) {
      is_on_host_[static_cast<size_t>(atom.slot)] = true;
    });
  }
}

void Steps::take_static(StepUnit& unit) {
  if (take_frame(unit, 0)) return;
  throw node_failure(std::make_exception_ptr(Error(Exit::Data, "this source has no value")), *unit.description, 0, "");
}

void Steps::compute(StepUnit& unit, bool recomputes) {
  const BoundInputs& inputs = binder_.bind(unit.index);
  unit.context->set_frame(timeline_.time(unit.index));
  switch (unit.role) {
    case Role::Pushed:
    case Role::Source:
      break;
    case Role::Hold:
      unit.outputs.front() = inputs.only();
      break;
    case Role::Wanted:
      unit.wanted = inputs.only();
      break;
    case Role::Sink:
      unit.writer->give(timeline_.time(unit.index), inputs.values());
      break;
    case Role::Compute:
      call(unit, recomputes);
      break;
  }
}

void Steps::call(StepUnit& unit, bool recomputes) {
  static const std::string lane = kComputeLane;
  BoundInputs& inputs = binder_.inputs(unit.index);
  const TraceScope scope(options_.trace, unit.description->path, lane, unit.context->frame());
  try {
    recomputes ? run_recomputing(*unit.node, inputs.ports(), unit.outputs, *unit.context)
               : static_cast<void>(unit.node->run(inputs.ports(), unit.outputs, *unit.context));
  } catch (...) {
    throw node_failure(std::current_exception(), *unit.description, unit.context->frame(),
                       inputs.describe(*unit.description->spec));
  }
}

void Steps::store_outputs(StepUnit& unit, int64_t t) {
  if (unit.role == Role::Wanted || unit.role == Role::Sink) return;
  sizes_.learn(*unit.step, unit.outputs, unit.is_input());
  for (size_t output = 0; output < unit.outputs.size(); ++output) {
    const int slot = unit.step->slots[output];
    if (slot >= 0) store_.put(slot, t, std::move(unit.outputs[output]), std::move(unit.outputs_on_host[output]));
    unit.outputs[output].clear();
    unit.outputs_on_host[output].clear();
  }
}

void Steps::fail(const StepUnit& unit) const {
  throw node_failure(std::current_exception(), *unit.description, timeline_.time(unit.index), "");
}

void Steps::close_readers() {
  for (StepUnit& unit : units_) {
    for (auto& reader : unit.readers) reader->close();
  }
}

void Steps::stop_readers() {
  for (StepUnit& unit : units_) {
    for (auto& reader : unit.readers) reader->stop();
  }
}

std::string Steps::source_text(int step) const {
  const StepUnit& unit = at(step);
  return text(count_text(unit.given, "frame"), unit.given > 0 && !unit.shape.empty() ? text(" of ", unit.shape) : "");
}

}  // namespace weft::run
