#include "framework/run/data_check.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/run/session.h"

#include <functional>
#include <optional>
#include <vector>

namespace weft::run {
namespace {

constexpr int64_t kEndless = 100;
constexpr int64_t kClipsOfAStage = 20;

/// Nodes that no network stands before, and that are no writers.
std::vector<int> nodes_before_networks(const graph::GoalGraph& graph) {
  std::vector<int> state(graph.nodes.size(), -1);  // -1 unknown, 0 behind a network, 1 before
  std::vector<char> open_streams(graph.streams.size(), 0);
  std::function<bool(int)> is_before;
  const std::function<bool(const graph::FlatExpression&)> all_before = [&](const graph::FlatExpression& expression) {
    for (const graph::FlatTerm& term : expression.terms) {
      if (term.source == graph::FlatTerm::Source::Output && !is_before(term.index)) return false;
      if (term.source != graph::FlatTerm::Source::Stream) continue;
      char& is_open = open_streams[static_cast<size_t>(term.index)];
      if (is_open) return false;  // it comes back to itself
      is_open = 1;
      const bool before = all_before(graph.streams[static_cast<size_t>(term.index)].definition);
      is_open = 0;
      if (!before) return false;
    }
    return true;
  };
  is_before = [&](int index) {
    const auto at = static_cast<size_t>(index);
    if (state[at] >= 0) return state[at] == 1;
    state[at] = 0;
    const graph::FlatNode& node = graph.nodes[at];
    bool before = !node.spec->is_trainable && !node.spec->is_sink;
    for (const graph::FlatInput& input : node.inputs) {
      for (const graph::FlatExpression& source : input.sources) before = before && all_before(source);
    }
    state[at] = before ? 1 : 0;
    return before;
  };
  std::vector<int> nodes;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    if (is_before(static_cast<int>(i))) nodes.push_back(static_cast<int>(i));
  }
  return nodes;
}

/// Reads what a plan needs before its networks.
/// @returns "good; 3 sequences, 0.2 s", and a line for each source; empty where there is none
std::string read_data(const graph::Plan& whole, SessionOptions options, const NodeFactory& factory, Log& log) {
  std::vector<bool> is_planned(whole.graph.nodes.size());
  for (const graph::Step& step : whole.steps) is_planned[static_cast<size_t>(step.node)] = true;
  std::vector<int> goals;
  bool has_sources = false;
  for (const int node : nodes_before_networks(whole.graph)) {
    if (!is_planned[static_cast<size_t>(node)]) continue;
    goals.push_back(node);
    const graph::FlatNode& of = whole.graph.node(node);
    has_sources = has_sources || (of.is_of_plugin() && of.spec->is_source);
  }
  if (!has_sources) return "";
  graph::Checked part;
  part.typed = whole.typed;
  part.run.emplace(graph::make_plan(whole.typed, goals, graph::Command::Run));
  options.shows_progress = true;
  options.needs = source_needs(whole);
  if (!part.run->ends) options.range.last = kEndless - 1;
  Session session(std::move(part), factory, options, log);
  const Summary summary = session.run();
  std::string report = text("good; ", count_text(summary.sequences, options.draws_clips ? "clip" : "sequence"), ", ",
                            duration_text(summary.seconds));
  for (const std::string& line : session.source_lines()) report += text("\n  ", line);
  return report;
}

}  // namespace

std::string check_data(const graph::Checked& checked, const NodeFactory& factory, Log& log) {
  std::vector<std::string> reports;
  const auto add = [&](const std::string& title, const std::string& report) {
    if (!report.empty()) reports.push_back(text(title, ": ", report));
  };
  if (checked.run && checked.stages.empty()) add("data", read_data(*checked.run, {}, factory, log));
  SessionOptions training;
  training.sequences = kClipsOfAStage;
  training.draws_clips = true;
  for (const graph::Stage& stage : checked.stages) {
    try {
      const std::string title = stage.name.empty() ? "data of the training" : text("data of stage \"", stage.name, '"');
      add(title, read_data(stage.plan, training, factory, log));
    } catch (Error& error) {
      if (!stage.name.empty()) error.within(text("in stage \"", stage.name, '"'));
      throw;
    }
  }
  return reports.empty() ? "there is no data to read" : join(reports, "\n");
}

}  // namespace weft::run
