#include "framework/graph/plan.h"

#include "framework/base/text.h"
#include "framework/graph/planner.h"
#include "framework/graph/trial.h"

#include <algorithm>
#include <set>

namespace weft::graph {
namespace {

/// Whether nothing that a read takes its frames from ever runs.
bool is_out_of_reach(const Plan& plan, const Read& read, const std::set<int>& never) {
  const auto never_comes = [&](const Atom& atom) {
    if (atom.slot == Atom::kZeros) return false;
    const Slot& slot = plan.slots[static_cast<size_t>(atom.slot)];
    return never.contains(plan.steps[static_cast<size_t>(slot.step)].node);
  };
  return std::all_of(read.alternatives.begin(), read.alternatives.end(), [&](const Alternative& alternative) {
    return std::all_of(alternative.oldest.atoms.begin(), alternative.oldest.atoms.end(), never_comes);
  });
}

/// Why a node that could never run could not; see NeverRuns.
std::string reason_for(const Plan& plan, const Forecast& reach, int64_t longest, size_t index,
                       const std::set<int>& never) {
  const Step& step = plan.steps[index];
  const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
  std::string reason;
  for (size_t port = 0; port < step.inputs.size(); ++port) {
    const StepInput& input = step.inputs[port];
    if (input.arity == PortSpec::Arity::Optional || reach.has_come[index][port]) continue;
    // Unwired, or downstream of a node that never runs: that node reports the cause.
    const bool has_cause_before = std::any_of(input.reads.begin(), input.reads.end(),
                                              [&](const Read& read) { return is_out_of_reach(plan, read, never); });
    if (input.reads.empty() || has_cause_before) return {};
    std::vector<std::string> needed;
    for (const Read& read : input.reads) {
      if (needed.empty() || read.is_needed) needed.push_back(read.text);
    }
    reason = text("its input `", node.spec->inputs[port].name, "` = \"", join(needed, "\", \""),
                  "\" is never complete in ", count_text(longest, "frame"));
  }
  return reason;
}

std::optional<int64_t> peak_bytes(const Plan& plan) {
  int64_t held = 0, peak = 0;
  for (const Slot& slot : plan.slots) {
    if (!slot.bytes) return {};
    held += (slot.length - 1) * *slot.bytes;
  }
  peak = held;
  for (const Step& step : plan.steps) {
    for (const int slot : step.slots) {
      if (slot >= 0) held += *plan.slots[static_cast<size_t>(slot)].bytes;
    }
    peak = std::max(peak, held);
    for (const Release& release : step.releases) held -= *plan.slots[static_cast<size_t>(release.slot)].bytes;
  }
  return peak;
}

std::string time_text(int64_t t, bool from_end) {
  if (!from_end) return text(t);
  return t == 0 ? "end" : text("end", t > 0 ? "+" : "", t);
}

/// Makes a plan step by step: what runs at all, then since when, then at which t.
class Making {
 public:
  Making(Plan& plan, const std::vector<int>& goals, Command command)
      : plan_(plan), goals_(goals), command_(command), first_trial_{counts_in_chunks(), 0, 0} {}

  void run() {
    arrange_without({});
    if (plan_.kept > kMostKept) return;
    for (const Step& step : plan_.steps) plan_.reachable.push_back(step.node);
    Trial trial = leave_out();
    plan_.first_synthesised =
        command_ == Command::Train ? first_learning(plan_, trial, reach_) : first_synthesis(plan_, trial, reach_);
    if (plan_.first_synthesised != 0 || counts_in_chunks()) trial = try_again();
    find_times(trial);
    plan_.ends = plan_.steps.empty() || stops_with_sources(plan_, reach_);
    plan_.peak_bytes = peak_bytes(plan_);
  }

 private:
  bool counts_in_chunks() const {
    return command_ == Command::Train && std::any_of(plan_.graph.nodes.begin(), plan_.graph.nodes.end(),
                                                     [](const FlatNode& node) { return node.every > 1; });
  }

  void arrange_without(const std::set<int>& left_out) {
    arrange(plan_, goals_, left_out);
    if (plan_.kept <= kMostKept)
      reach_ = forecast_of(plan_, counts_in_chunks() ? Thinning::Multiple : Thinning::AsGiven);
  }

  /// Nodes whose inputs never come are left out, and with them the alternatives that would read them. Shorter sources
  /// would bring less, so these nodes can be left out whatever the sources' lengths are.
  Trial leave_out() {
    // A node that leaves times out changes for ever, and a forecast with it has no end. Leaving times out takes values
    // away and brings none, so what never runs without it never runs at all.
    const Forecast widest = reach_.is_whole ? reach_ : forecast_of(plan_, Thinning::None);
    std::set<int> never;
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      if (widest.is_whole && widest.first[i] == Forecast::kNever) never.insert(plan_.steps[i].node);
    }
    // Which times `every` leaves depends on where chunks begin, and that on what runs: first all of them.
    Trial trial = try_out(plan_, Assumption::LongerThanRun, first_trial_, reach_.first);
    for (size_t i = 0; i < plan_.steps.size(); ++i) {
      if (never.contains(plan_.steps[i].node))
        plan_.never.push_back({plan_.steps[i].node, reason_for(plan_, widest, trial.longest, i, never)});
    }
    if (never.empty()) return trial;
    arrange_without(never);
    return try_out(plan_, Assumption::LongerThanRun, first_trial_, reach_.first);
  }

  Pace pace() const {
    if (!counts_in_chunks()) return {};
    return {false, std::min(plan_.graph.run.chunk.value_or(kLongestTrial), kLongestTrial),
            std::min(plan_.first_synthesised, kLongestTrial)};
  }

  Trial try_again() const { return try_out(plan_, Assumption::LongerThanRun, pace(), reach_.first); }

  void find_times(const Trial& trial) {
    // What is not needed while the sources last may be needed when they have ended.
    const bool any_idle =
        std::any_of(trial.runs.begin(), trial.runs.end(), [](const auto& times) { return times.empty(); });
    const Trial after_end = any_idle ? try_out(plan_, Assumption::EndBeforeRun, pace(), reach_.first) : Trial();
    const int64_t frames = plan_.graph.run.frames.value_or(kAlways);
    for (size_t i = 0; i < trial.runs.size(); ++i) {
      const Trial& shown = trial.runs[i].empty() ? after_end : trial;
      plan_.times.push_back(pieces_of(shown.runs[i], shown, std::min(plan_.latency, kLongestTrial)));
      // It begins later than any trial goes.
      if (plan_.times.back().empty() && reach_.first[i] > shown.ticks)
        plan_.times.back().push_back(
            {reach_.first[i], frames == kAlways ? 0 : frames - 1, 1, false, frames == kAlways});
    }
  }

  Plan& plan_;
  const std::vector<int>& goals_;
  Command command_;
  Pace first_trial_;
  Forecast reach_;
};

}  // namespace

Plan make_plan(std::shared_ptr<const TypedGraph> typed, const std::vector<int>& goals, Command command) {
  Plan plan(std::move(typed));
  Making(plan, goals, command).run();
  return plan;
}

Plan make_plan(const std::shared_ptr<const TypedGraph>& typed, Command command) {
  return make_plan(typed, goals_of(*typed->graph, command), command);
}

std::string Plan::slot_name(int slot) const {
  const Slot& of = slots[static_cast<size_t>(slot)];
  return graph.output_name(steps[static_cast<size_t>(of.step)].node, of.output);
}

std::string Plan::times_text(int step) const {
  std::vector<std::string> parts;
  for (const TimePiece& piece : times[static_cast<size_t>(step)]) {
    std::string part = time_text(piece.begin, piece.begin_from_end);
    // The last of every third frame lies up to two before the end.
    const bool is_thinned = piece.step > 1 && piece.last_from_end && piece.last <= 0 && piece.last > -piece.step;
    const bool is_one = piece.begin == piece.last && piece.begin_from_end == piece.last_from_end;
    if (!is_one) part += text(" .. ", is_thinned ? "end" : time_text(piece.last, piece.last_from_end));
    if (piece.step > 1) part += text(" every ", piece.step);
    parts.push_back(part);
  }
  return parts.empty() ? "never" : join(parts, ", ");
}

std::vector<int> goals_of(const GoalGraph& graph, Command command) {
  std::vector<int> nodes;
  for (const Goal& goal : graph.goals) {
    const bool is_of_training = goal.role == NodeRole::Loss || goal.role == NodeRole::Watched;
    if (is_of_training == (command == Command::Train)) nodes.push_back(goal.node);
  }
  return nodes;
}

std::vector<int> losses_of(const GoalGraph& graph) {
  std::vector<int> nodes;
  for (const Goal& goal : graph.goals) {
    if (goal.role == NodeRole::Loss) nodes.push_back(goal.node);
  }
  return nodes;
}

}  // namespace weft::graph
