#include "framework/run/session.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/origin.h"
#include "framework/run/device.h"
#include "framework/run/node_failure.h"
#include "framework/run/precision.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>

namespace weft::run {
namespace {

graph::Checked checked_or_throw(const std::string& file, const graph::CheckOptions& options,
                                const NodeFactory& factory) {
  graph::Diagnostics diagnostics;
  graph::Checked checked = graph::check(file, options, factory, diagnostics);
  diagnostics.throw_errors();
  return checked;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

size_t batch_of(const graph::Plan& plan) {
  return static_cast<size_t>(plan.graph.run.batch);
}

/// @throws Error  (Exit::Graph) when there is nothing to run
Nodes nodes_of(graph::Checked& checked, const NodeFactory& factory) {
  if (checked.run && !checked.run->steps.empty()) return {*checked.run, factory, batch_of(*checked.run)};
  throw Error(Exit::Graph,
              text(checked.resolved.place.file, ": there is nothing to run: no writer of this graph ever gets a frame"))
      .hint(checked.train
                ? "`weft train` trains it"
                : "add a node such as media.write_video; a graph with [inputs] is a part, to be used by others");
}

/// The frames that both allow.
graph::FrameRange narrowed(graph::FrameRange range, const graph::RunSettings& run) {
  if (run.frames) range.last = std::min(range.last, *run.frames - 1);
  return range;
}

}  // namespace

Session::Session(graph::Checked checked, const NodeFactory& factory, SessionOptions options, Log& log)
    : checked_(std::move(checked)),
      options_(options),
      log_(log),
      nodes_(nodes_of(checked_, factory)),
      sources_(plan(), factory, batch_of(plan()), context_for_sources(),
               options_.needs.empty() ? source_needs(plan()) : options_.needs),
      sequences_(sources_),
      status_(log),
      patience_(options.stop) {
  find_writers();
  load(factory);
  RunnerOptions runner;
  runner.device = options_.device;
  runner.precision = precision_of(plan().graph, options_.device, log_);
  runner.seed = static_cast<uint64_t>(plan().graph.run.seed);
  runner.range = narrowed(options_.range, plan().graph.run);
  runner.read_ahead = options_.read_ahead;
  runner.write_behind = options_.write_behind;
  runner.allows_not_finite = options_.allows_not_finite;
  runner.trace = options_.trace;
  runner.stop = options_.stop;
  runner_ = std::make_unique<StreamRunner>(plan(), nodes_.all(), sources_, runner, log_);
}

Session::Session(const std::string& file, const graph::CheckOptions& check, const NodeFactory& factory,
                 SessionOptions options, Log& log)
    : Session(checked_or_throw(file, check, factory), factory, options, log) {}

Session::~Session() = default;

void Session::load(const NodeFactory& factory) {
  const auto seed = static_cast<uint64_t>(plan().graph.run.seed);
  weights_ = group_weights(plan(), nodes_.all());
  if (!options_.loads_weights) return;
  for (const WeightGroup& group : weights_) {
    within(text("in the weights of \"", group.source->path, "\", ", group.source->place), [&] {
      load_weights(group, seed, log_, plan().graph.instances.front().file, factory);
      for (const LoadedNetwork& network : group.networks)
        network.module->to(place_of(*network.spec, options_.device), precision_of(plan().graph, options_.device));
    });
  }
}

Context Session::context_for(const std::string& node) const {
  return {node, static_cast<uint64_t>(plan().graph.run.seed), options_.device,
          precision_of(plan().graph, options_.device), log_};
}

Context Session::context_for_sources() const {
  Context context = context_for("");
  context.set_training(options_.draws_clips);
  return context;
}

void Session::find_writers() {
  std::vector<Outputs::Writer> writers;
  for (const graph::Step& step : plan().steps) {
    const graph::FlatNode& node = plan().graph.nodes[static_cast<size_t>(step.node)];
    Node* made = nodes_[static_cast<size_t>(step.node)];
    if (made && made->as_sink()) writers.push_back({&node, made->as_sink()});
  }
  outputs_ = std::make_unique<Outputs>(plan().graph, std::move(writers), options_.existing);
}

void Session::check_outputs() {
  outputs_->check(sequences_.names().value_or(std::vector<std::string>()));
}

void Session::begin(const std::string& sequence) {
  std::vector<Row> rows;
  if (sources_.has_sources()) {
    rows = next_rows();
    if (rows.empty()) throw Error(Exit::Data, "the sources have no further sequence");
    if (!sequence.empty()) rows.front().name = sequence;
  } else {
    rows.push_back({sequence, pushed_sequences_++, 0, nullptr, {}});
  }
  start(std::move(rows));
}

void Session::start(std::vector<Row> rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.name);
  outputs_->claim(names);
  for (RowSinks* writer : nodes_.row_sinks()) writer->begin(rows);
  runner_->begin_sequence(rows, sources_.lengths(rows));
}

std::optional<int64_t> Session::frames_in_hand(const std::vector<Row>& rows) const {
  std::optional<int64_t> total;
  for (const std::optional<int64_t>& frames : sources_.lengths(rows.front().place)) {
    // Sources that are only needed at the beginning do not say how long the run is.
    if (frames && (!total || *frames > *total)) total = frames;
  }
  const graph::FrameRange range = narrowed(options_.range, plan().graph.run);
  if (range.last != graph::kAlways) total = total ? std::min(*total, range.last + 1) : range.last + 1;
  return total;
}

void Session::push(const std::string& input, Value value) {
  runner_->push(input, std::move(value));
}

bool Session::step() {
  const c10::InferenceMode inference;
  try {
    return runner_->tick();
  } catch (const Stopped&) {
    was_stopped_ = true;
    return false;
  }
}

const Value& Session::pull(const std::string& path) const {
  return runner_->wanted(path);
}

void Session::end() {
  runner_->finish_sequence();
  outputs_->release();
}

/// Opens the next sequences, for which a source may wait.
std::vector<Row> Session::next_rows() {
  runner_->stop_reading();
  return patience_.wait_for(
      [this] { return sequences_.next([this](const std::string& name) { return outputs_->leave_out(name); }); });
}

void Session::run_sequences(std::vector<Row> rows, Summary& summary) {
  const auto begun = std::chrono::steady_clock::now();
  const int64_t before = summary.frames;
  const auto count = static_cast<int64_t>(rows.size());
  start(rows);
  const std::optional<int64_t> total = frames_in_hand(rows);
  status_.begin();
  try {
    while (step()) {
      summary.frames = before + runner_->frames_done() * count;
      show_progress(summary, total, seconds_since(begun));
      if (options_.stop && options_.stop->load() != 0) {
        summary.was_stopped = true;
        break;
      }
    }
    summary.was_stopped = summary.was_stopped || was_stopped_;
    summary.frames = before + runner_->frames_done() * count;
    runner_->finish_sequence(summary.was_stopped ? Ending::BrokenOff : Ending::Whole);
  } catch (...) {
    runner_->abandon_sequence();
    status_.clear();
    throw;
  }
  summary.sequences += count;
  if (summary.was_stopped) return;
  for (const Row& row : rows) {
    for (std::string& file : outputs_->existing(row.name)) summary.outputs.push_back(std::move(file));
  }
}

void Session::complete() {
  const c10::InferenceMode inference;
  for (const Outputs::Writer& writer : outputs_->writers()) {
    Context context = context_for(writer.description->path);
    context.set_origins(graph::origins(plan().graph, *writer.description));
    context.set_broken_off(was_stopped_);
    try {
      writer.node->complete(context);
    } catch (...) {
      throw making_failure(std::current_exception(), *writer.description);
    }
  }
}

Summary Session::run() {
  const auto start = std::chrono::steady_clock::now();
  check_outputs();
  outputs_->claim_whole();
  const std::unique_ptr<Outputs, void (*)(Outputs*)> release(outputs_.get(),
                                                             [](Outputs* claimed) { claimed->release(); });
  Summary summary;
  try {
    while (!summary.was_stopped && (!options_.sequences || summary.sequences < *options_.sequences)) {
      std::vector<Row> rows = next_rows();
      summary.passed_over = sequences_.passed_over();
      if (rows.empty()) break;
      run_sequences(std::move(rows), summary);
    }
  } catch (const Stopped&) {
    summary.was_stopped = true;
  }
  status_.clear();
  was_stopped_ = summary.was_stopped;
  if (summary.sequences > 0) complete();
  for (std::string& file : outputs_->existing_whole()) summary.outputs.push_back(std::move(file));
  summary.seconds = seconds_since(start);
  return summary;
}

std::vector<std::string> Session::source_lines() const {
  std::vector<std::string> lines;
  for (const graph::Step& step : plan().steps) {
    const graph::FlatNode& node = plan().graph.nodes[static_cast<size_t>(step.node)];
    if (!node.spec->is_source) continue;
    lines.push_back(text(node.path, ": ", runner_->source_text(static_cast<int>(&step - plan().steps.data()))));
  }
  return lines;
}

void Session::show_progress(const Summary& summary, std::optional<int64_t> total, double seconds) {
  if (!options_.shows_progress || !status_.is_due()) return;
  const int64_t position = runner_->position();
  const auto frames = static_cast<double>(runner_->frames_done());
  std::string line = text("frame ", position);
  if (total) line += text(" of ", *total);
  line += text("  ", rate_text(frames, seconds));
  if (total && frames > 0)
    line += text("  ", duration_text(static_cast<double>(*total - position) * seconds / frames), " left");
  if (summary.sequences > 0) line += text("  sequence ", summary.sequences + 1);
  status_.show(line);
}

}  // namespace weft::run
