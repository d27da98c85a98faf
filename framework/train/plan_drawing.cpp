#include "framework/train/plan_drawing.h"

#include "framework/base/text.h"
#include "framework/train/html.h"

#include <algorithm>
#include <set>
#include <utility>

namespace weft::train {
namespace {

using graph::Plan;
using graph::Step;

// The drawing, in pixels. The style sheet of the page knows the height of a row too.
constexpr int kRow = 42;
constexpr int kPitch = 9, kNarrowPitch = 5;  // between lanes
constexpr int kWide = 14;                    // lanes, beyond which they stand closer
constexpr int kColours = 6;

const graph::FlatNode& node_of(const Plan& plan, const Step& step) {
  return plan.graph.nodes[static_cast<size_t>(step.node)];
}

/// The steps that a step reads from; those of which other frames are read are `true`, and may be there twice.
std::set<std::pair<int, bool>> sources_of(const Plan& plan, const Step& step) {
  std::vector<graph::Atom> atoms;
  for (const graph::StepInput& input : step.inputs) {
    for (const graph::Read& read : input.reads) {
      for (const graph::Alternative& alternative : read.alternatives) {
        for (const graph::FrameRead& frame : alternative.frames)
          atoms.insert(atoms.end(), frame.atoms.begin(), frame.atoms.end());
      }
    }
  }
  std::set<std::pair<int, bool>> sources;
  for (const graph::Atom& atom : atoms) {
    if (atom.slot != graph::Atom::kZeros)
      sources.emplace(plan.slots[static_cast<size_t>(atom.slot)].step, atom.delay != 0);
  }
  return sources;
}

bool meet(const Strand& a, const Strand& b) {
  return a.first() <= b.last() && b.first() <= a.last();
}

void deal_lanes(std::vector<Strand>& strands) {
  std::vector<Strand*> by_length;
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
  std::string rows = text(strand.step), path, arrows;
  // Values leave a row below its middle and enter above it, so that a step's lines do not hide each other.
  const int leaves = strand.is_delayed ? 9 : 5, enters = strand.is_delayed ? -9 : -5;
  int top = y(strand.step, leaves), bottom = top;
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
  return text("<g class=\"strand c", strand.step % kColours, strand.is_delayed ? " delayed" : "", "\" data-rows=\"",
              rows, "\"><path class=\"line\" d=\"", path, "\"/><path class=\"arrow\" d=\"", arrows.substr(1),
              "\"/></g>\n");
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

std::string row_of(const Plan& plan, const Step& step, const NodeNote& note, double seconds_of_all) {
  const graph::FlatNode& node = node_of(plan, step);
  const bool is_own = node.spec->type.starts_with("weft.");  // goals of training: the path says it all
  const std::string reads = reads_of(step), kinds = kinds_of(plan, step);
  const std::string type = is_own             ? std::string()
                           : node.shares >= 0 ? text(node.spec->type, ", again")
                                              : node.spec->type;
  const std::string below = text(type, reads.empty() || type.empty() ? "" : " \xe2\x86\x90 ", is_own ? "" : reads);
  std::string end;
  if (note.parameters > 0) end += text("<span>", note.parameters, " learnt</span>");
  if (note.seconds > 0 && seconds_of_all > 0)
    end += text("<span>", short_number(100 * note.seconds / seconds_of_all), " %</span>");
  return text("<li class=\"", role_of(*node.spec), "\" title=\"", escaped(node.spec->about), "\"><p><b>",
              escaped(node.path), "</b>", kinds.empty() ? "" : text(" <i>", escaped(kinds), "</i>"), "</p><p><small>",
              escaped(below), "</small></p>", end.empty() ? "" : text("<div>", end, "</div>"), "</li>\n");
}

}  // namespace

std::vector<Strand> strands_of(const Plan& plan) {
  std::map<std::pair<int, bool>, std::vector<int>> readers;
  for (size_t reader = 0; reader < plan.steps.size(); ++reader) {
    for (const auto& [source, is_delayed] : sources_of(plan, plan.steps[reader]))
      readers[{source, is_delayed}].push_back(static_cast<int>(reader));
  }
  std::vector<Strand> strands;
  for (auto& [source, steps] : readers) strands.push_back({source.first, source.second, std::move(steps), 0});
  deal_lanes(strands);
  return strands;
}

std::string drawing_of(const Plan& plan, const std::map<std::string, NodeNote>& notes, double seconds) {
  const std::vector<Strand> strands = strands_of(plan);
  const int lanes = lane_count(strands), pitch = lanes > kWide ? kNarrowPitch : kPitch;
  const int width = 20 + lanes * pitch, height = static_cast<int>(plan.steps.size()) * kRow;
  std::string out =
      text("<div class=\"plan\"><svg width=\"", width, "\" height=\"", height, "\" aria-hidden=\"true\">\n");
  for (const Strand& strand : strands) out += svg_of_strand(strand, width, pitch);
  out += "</svg><ol>\n";
  for (const Step& step : plan.steps) {
    const auto note = notes.find(node_of(plan, step).path);
    out += row_of(plan, step, note == notes.end() ? NodeNote() : note->second, seconds);
  }
  return out + "</ol></div>\n";
}

}  // namespace weft::train
