#include "framework/run/session.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/graph/origin.h"
#include "framework/run/node_failure.h"

#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace weft::run {
namespace {

constexpr double kProgressEvery = 0.2, kPlainProgressEvery = 10;  // seconds, on a terminal and elsewhere

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
      .hint("add a node such as media.write_video; a graph with [inputs] is a part, to be used by others");
}

/// The frames that both allow.
graph::FrameRange narrowed(graph::FrameRange range, const graph::RunSettings& run) {
  if (run.frames) range.last = std::min(range.last, *run.frames - 1);
  return range;
}

}  // namespace

at::ScalarType precision_of(const graph::GoalGraph& graph) {
  return graph.run.precision == graph::Precision::Bf16 ? at::kBFloat16 : at::kFloat;
}

Session::Session(graph::Checked checked, const NodeFactory& factory, SessionOptions options, Log& log)
    : checked_(std::move(checked)),
      options_(options),
      log_(log),
      nodes_(nodes_of(checked_, factory)),
      patience_(options.stop) {
  find_sources_and_sinks();
  load(factory);
  RunnerOptions runner;
  runner.device = options_.device;
  runner.precision = precision_of(plan().graph);
  runner.seed = static_cast<uint64_t>(plan().graph.run.seed);
  runner.range = narrowed(options_.range, plan().graph.run);
  runner.read_ahead = options_.read_ahead;
  runner.write_behind = options_.write_behind;
  runner.allows_not_finite = options_.allows_not_finite;
  runner.trace = options_.trace;
  runner.stop = options_.stop;
  runner_ = std::make_unique<StreamRunner>(plan(), nodes_.all(), runner, log_);
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
      for (nn::Module* module : group.modules) module->to(options_.device, precision_of(plan().graph));
    });
  }
}

Context Session::context_for(const graph::FlatNode& node) const {
  return {node.path, static_cast<uint64_t>(plan().graph.run.seed), options_.device, precision_of(plan().graph), log_};
}

void Session::find_sources_and_sinks() {
  const size_t batch = batch_of(plan());
  std::vector<Sequences::Source> sources;
  std::vector<Outputs::Sink> sinks;
  const std::vector<SourceNeed> needs = options_.needs.empty() ? source_needs(plan()) : options_.needs;
  for (const graph::Step& step : plan().steps) {
    const graph::FlatNode& node = plan().graph.nodes[static_cast<size_t>(step.node)];
    Node* made = nodes_[static_cast<size_t>(step.node)];
    if (!made) continue;
    auto* rows = batch > 1 && node.spec->has_rows() ? static_cast<RowNodes*>(made) : nullptr;
    if (rows) batched_.push_back(rows);
    if (node.spec->is_source) {
      sources.push_back({&node, step.is_still, made, rows, needs[static_cast<size_t>(step.node)]});
    }
    if (node.spec->is_sink) sinks.push_back({&node, made});
  }
  const bool is_pushed = std::any_of(plan().steps.begin(), plan().steps.end(), [&](const graph::Step& step) {
    return plan().graph.nodes[static_cast<size_t>(step.node)].role == graph::NodeRole::Pushed;
  });
  outputs_ = std::make_unique<Outputs>(plan().graph, std::move(sinks), options_.existing);
  sequences_ = std::make_unique<Sequences>(std::move(sources), plan().graph.run, batch, is_pushed,
                                           [this](const graph::FlatNode& node) { return context_for(node); });
}

void Session::check_outputs() {
  outputs_->check(sequences_->names().value_or(std::vector<std::string>()));
}

bool Session::has_sources() const {
  return sequences_->has_sources();
}

void Session::begin(const std::string& sequence) {
  std::vector<Row> rows;
  if (has_sources()) {
    rows = next_rows();
    if (rows.empty()) throw Error(Exit::Data, "the sources have no further sequence");
    if (!sequence.empty()) rows.front().name = sequence;
  } else {
    rows.push_back({sequence, pushed_sequences_++, nullptr, {}});
  }
  start(std::move(rows));
}

void Session::start(std::vector<Row> rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.name);
  outputs_->claim(names);
  for (RowNodes* node : batched_) node->begin(rows);
  runner_->begin_sequence(rows.front(), lengths_of_sources(plan(), nodes_.all()));
}

std::optional<int64_t> Session::frames_in_hand() {
  std::optional<int64_t> total;
  for (const graph::Step& step : plan().steps) {
    const graph::FlatNode& node = plan().graph.nodes[static_cast<size_t>(step.node)];
    Node* instance = nodes_[static_cast<size_t>(step.node)];
    if (!node.spec->is_source || step.is_still || !instance) continue;
    const auto frames = instance->frames();
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
      [this] { return sequences_->next([this](const std::string& name) { return outputs_->are_done(name); }); });
}

void Session::run_sequences(std::vector<Row> rows, Summary& summary) {
  const auto begun = std::chrono::steady_clock::now();
  const int64_t before = summary.frames;
  const auto count = static_cast<int64_t>(rows.size());
  start(rows);
  const std::optional<int64_t> total = frames_in_hand();
  last_progress_ = 0;
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
    log_.status("");
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
  for (const Outputs::Sink& sink : outputs_->sinks()) {
    Context context = context_for(*sink.description);
    context.set_origins(graph::origins(plan().graph, *sink.description));
    context.set_broken_off(was_stopped_);
    try {
      sink.node->complete(context);
    } catch (...) {
      throw making_failure(std::current_exception(), *sink.description);
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
    while (!summary.was_stopped) {
      std::vector<Row> rows = next_rows();
      summary.passed_over = sequences_->passed_over();
      if (rows.empty()) break;
      run_sequences(std::move(rows), summary);
    }
  } catch (const Stopped&) {
    summary.was_stopped = true;
  }
  log_.status("");
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
  const double every = Log::on_terminal() ? kProgressEvery : kPlainProgressEvery;
  if (!options_.shows_progress || seconds - last_progress_ < every) return;
  last_progress_ = seconds;
  const int64_t position = runner_->position();
  const double rate = static_cast<double>(runner_->frames_done()) / seconds;
  char rate_text[40];
  std::snprintf(rate_text, sizeof rate_text, rate < 10 ? "%.2f" : "%.0f", rate);
  std::string line = text("frame ", position);
  if (total) line += text(" of ", *total);
  line += text("  ", rate_text, " frames/s");
  if (total && rate > 0) line += text("  ", duration_text(static_cast<double>(*total - position) / rate), " left");
  if (summary.sequences > 0) line += text("  sequence ", summary.sequences + 1);
  Log::on_terminal() ? log_.status(line) : log_.note(line);
}

}  // namespace weft::run
