#include "framework/report/plan_drawing.h"

#include "framework/base/text.h"
#include "framework/graph/plan_reads.h"
#include "framework/report/html.h"

#include <algorithm>
#include <set>
#include <utility>

namespace weft::report {
namespace {

using graph::Plan;
using graph::Step;

// The drawing, in pixels. The style sheet of the page knows the height of a row too.
constexpr int kRow = 42;
constexpr int kPitch = 9, kNarrowPitch = 5;  // between lanes
constexpr int kWide = 14;                    // lanes, beyond which they stand closer
constexpr int kColours = 6;
constexpr double kLeastShare = 0.05;  // percent of the time, below which a row says nothing of it

const graph::FlatNode& node_of(const Plan& plan, const Step& step) {
  return plan.graph.nodes[static_cast<size_t>(step.node)];
}

/// The steps that a step reads from; those of which other frames are read are `true`, and may be there twice.
std::set<std::pair<int, bool>> sources_of(const Plan& plan, const Step& step) {
  std::set<std::pair<int, bool>> sources;
  graph::for_each_atom(step, [&](const graph::Atom& atom, const graph::Alternative&) {
    sources.emplace(plan.slots[static_cast<size_t>(atom.slot)].step, atom.delay != 0);
  });
  return sources;
}

bool meet(const Strand& a, const Strand& b) {
  return a.first() <= b.last() && b.first() <= a.last();
}

void deal_lanes(std::vector<Strand>& strands) {
  std::vector<Strand*> by_length;
  by_length.reserve(strands.size());
  for (Strand& strand : strands) by_length.push_back(&strand);
  std::stable_sort(by_length.begin(), by_length.end(),
                   [](const Strand* a, const Strand* b) { return a->last() - a->first() < b->last() - b->first(); });
  std::vector<std::vector<const Strand*>> lanes;
  for (Strand* strand : by_length) {
    const auto is_free = [&](const std::vector<const Strand*>& lane) {
      return std::none_of(lane.begin(), lane.end(), [&](const Strand* other) { return meet(*strand, *other); });
    };
    const auto lane = std::find_if(lanes.begin(), lanes.end(), is_free);
    strand->lane = static_cast<int>(lane - lanes.begin());
    if (lane == lanes.end()) lanes.emplace_back();
    lanes[static_cast<size_t>(strand->lane)].push_back(strand);
  }
}

int lane_count(const std::vector<Strand>& strands) {
  int count = 0;
  for (const Strand& strand : strands) count = std::max(count, strand.lane + 1);
  return count;
}

/// @param width  of the whole drawing; rows begin there
std::string svg_of_strand(const Strand& strand, int width, int pitch) {
  const int x = width - 12 - strand.lane * pitch;
  const auto y = [](int row, int shift) { return row * kRow + kRow / 2 + shift; };
  std::string rows = text(strand.row), path, arrows;
  // Values leave a row below its middle and enter above it, so that a step's lines do not hide each other.
  const int leaves = strand.is_delayed ? 9 : 5, enters = strand.is_delayed ? -9 : -5;
  int top = y(strand.row, leaves), bottom = top;
  path = text("M", width - 2, ',', top, " H", x);
  for (const int reader : strand.readers) {
    const int at = y(reader, enters);
    top = std::min(top, at);
    bottom = std::max(bottom, at);
    path += text(" M", x, ',', at, " H", width - 6);
    arrows += text(" M", width - 6, ',', at - 3, " l6,3 l-6,3 z");
    rows += text(' ', reader);
  }
  path += text(" M", x, ',', top, " V", bottom);
  return text("<g class=\"strand c", strand.row % kColours, strand.is_delayed ? " delayed" : "", "\" data-rows=\"",
              rows, "\"><path class=\"line\" d=\"", path, "\"/><path class=\"arrow\" d=\"", arrows.substr(1),
              "\"/></g>\n");
}

/// What training takes from a step: "loss of G x 2", "shown".
std::string goals_of(const Plan& plan, int of_step) {
  std::vector<std::string> goals;
  bool is_shown = false;
  for (const Step& step : plan.steps) {
    const graph::FlatNode& node = node_of(plan, step);
    const auto sources = sources_of(plan, step);
    if (std::none_of(sources.begin(), sources.end(), [&](const auto& source) { return source.first == of_step; }))
      continue;
    is_shown = is_shown || node.role == graph::NodeRole::Watched;
    if (node.role != graph::NodeRole::Loss) continue;
    const graph::Goal& goal = *plan.graph.goal_of(step.node);
    const graph::Update& update = plan.graph.updates[static_cast<size_t>(goal.update)];
    const double weight = update.losses[static_cast<size_t>(goal.loss)].weight;
    goals.push_back(text("loss of ", update.name, " \xc3\x97 ", number_text(weight)));
  }
  if (is_shown) goals.emplace_back("shown");
  return join(goals);
}

const char* role_of(const NodeSpec& spec) {
  if (spec.is_source) return "source";
  if (spec.is_sink) return "goal";
  return spec.is_trainable ? "network" : "plain";
}

/// "image, mask": the kinds of what a step gives to others.
std::string kinds_of(const Plan& plan, const Step& step) {
  std::vector<std::string> kinds;
  for (size_t output = 0; output < step.slots.size(); ++output) {
    if (step.slots[output] < 0) continue;
    const graph::ValueType& type = plan.typing.outputs[static_cast<size_t>(step.node)][output];
    if (type.kind) kinds.emplace_back(name_of(*type.kind));
  }
  return join(kinds);
}

/// "x[t-1] else zeros, w.flow": what a step reads, as the graph writes it.
std::string reads_of(const Step& step) {
  std::vector<std::string> reads;
  for (const graph::StepInput& input : step.inputs) {
    for (const graph::Read& read : input.reads) {
      if (!read.alternatives.empty()) reads.push_back(read.text);
    }
  }
  return join(reads);
}

std::string row_of(const Plan& plan, int index, const NodeNote& note, double seconds_of_all) {
  const Step& step = plan.steps[static_cast<size_t>(index)];
  const graph::FlatNode& node = node_of(plan, step);
  const std::string reads = reads_of(step), kinds = kinds_of(plan, step), goals = goals_of(plan, index);
  const std::string below =
      text(node.spec->type, node.shares >= 0 ? ", again" : "", reads.empty() ? "" : text(" \xe2\x86\x90 ", reads));
  std::string end;
  if (note.parameters > 0) end += text("<span>", grouped(note.parameters), " learnt</span>");
  const double share = seconds_of_all > 0 ? 100 * note.seconds / seconds_of_all : 0;
  if (share >= kLeastShare) end += text("<span>", percent_text(share), "</span>");
  return text("<li class=\"", role_of(*node.spec), "\" title=\"", escaped(node.spec->about), "\"><p><b>",
              escaped(node.path), "</b>", kinds.empty() ? "" : text(" <i>", escaped(kinds), "</i>"),
              goals.empty() ? "" : text(" <em>", escaped(goals), "</em>"), "</p><p><small>", escaped(below),
              "</small></p>", end.empty() ? "" : text("<div>", end, "</div>"), "</li>\n");
}

}  // namespace

std::vector<int> rows_of(const Plan& plan) {
  std::vector<int> rows;
  for (size_t step = 0; step < plan.steps.size(); ++step) {
    const graph::NodeRole role = node_of(plan, plan.steps[step]).role;
    if (role != graph::NodeRole::Loss && role != graph::NodeRole::Watched) rows.push_back(static_cast<int>(step));
  }
  return rows;
}

std::vector<Strand> strands_of(const Plan& plan) {
  const std::vector<int> rows = rows_of(plan);
  std::map<int, int> row_of_step;
  for (const int step : rows) row_of_step.emplace(step, static_cast<int>(row_of_step.size()));
  std::map<std::pair<int, bool>, std::vector<int>> readers;
  for (const int reader : rows) {
    for (const auto& [source, is_delayed] : sources_of(plan, plan.steps[static_cast<size_t>(reader)]))
      readers[{row_of_step.at(source), is_delayed}].push_back(row_of_step.at(reader));
  }
  std::vector<Strand> strands;
  strands.reserve(readers.size());
  for (auto& [source, its_readers] : readers)
    strands.push_back({source.first, source.second, std::move(its_readers), 0});
  deal_lanes(strands);
  return strands;
}

std::string drawing_of(const Plan& plan, const std::map<std::string, NodeNote>& notes, double seconds) {
  const std::vector<int> rows = rows_of(plan);
  const std::vector<Strand> strands = strands_of(plan);
  const int lanes = lane_count(strands), pitch = lanes > kWide ? kNarrowPitch : kPitch;
  const int width = 20 + lanes * pitch, height = static_cast<int>(rows.size()) * kRow;
  std::string out =
      text("<div class=\"plan\"><svg width=\"", width, "\" height=\"", height, "\" aria-hidden=\"true\">\n");
  for (const Strand& strand : strands) out += svg_of_strand(strand, width, pitch);
  out += "</svg><ol>\n";
  for (const int step : rows) {
    const auto note = notes.find(node_of(plan, plan.steps[static_cast<size_t>(step)]).path);
    out += row_of(plan, step, note == notes.end() ? NodeNote() : note->second, seconds);
  }
  return out + "</ol></div>\n";
}

}  // namespace weft::report
