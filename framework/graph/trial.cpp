#include "framework/graph/trial.h"

#include "framework/graph/plan_reads.h"
#include "framework/graph/timeline.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace weft::graph {
namespace {

int64_t trial_length(const Plan& plan) {
  int64_t length = 4 * (plan.reach + plan.lead) + 16;
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    length = std::max(length, 3 * std::min<int64_t>(node.every * node.multiple, kLongestTrial / 4) + 4);
    for_each_alternative(step, [&](const Alternative& alternative) {
      if (alternative.before != kAlways)
        length = std::max(length, std::min(alternative.before, kLongestTrial) + plan.reach + 4);
    });
  }
  return length + 3 * std::min(plan.latency, kLongestTrial);  // what begins late is told from what begins at the end
}

/// Who runs at the tick that is looked at, and what has come.
void take_down(const Plan& plan, const Timeline& timeline, Trial& trial) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const int step = static_cast<int>(i);
    if (timeline.could_run(step)) trial.could_run[i] = 1;
    const bool is_first = !plan.steps[i].is_still || trial.runs[i].empty();
    if (timeline.runs(step) && is_first) trial.runs[i].push_back(timeline.time(step));
    for (size_t port = 0; port < plan.steps[i].inputs.size(); ++port) {
      for (const Read& read : plan.steps[i].inputs[port].reads) {
        if (timeline.choose(step, read)) trial.has_come[i][port] = 1;
      }
    }
  }
}

/// The first t at which one of these steps runs; 0 when none does.
int64_t first_time(const Plan& plan, const Trial& trial, const std::function<bool(int node)>& counts) {
  int64_t first = kAlways;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (counts(plan.steps[i].node) && !trial.runs[i].empty()) first = std::min(first, trial.runs[i].front());
  }
  return first == kAlways ? 0 : first;
}

}  // namespace

std::optional<int64_t> known_length(const FlatNode& node) {
  if (!node.spec->frame_count) return {};
  ParamValues params = node.params;
  for (const ParamSpec& spec : node.spec->params) {
    if (spec.default_value) params.emplace(spec.name, *spec.default_value);
  }
  return node.spec->frame_count(params);
}

Trial try_out(const Plan& plan, Assumption assumption, const Pace& pace) {
  Trial trial;
  trial.runs.resize(plan.steps.size());
  trial.could_run.resize(plan.steps.size());
  trial.has_come.resize(plan.steps.size());
  const int64_t slack = 4 * (plan.reach + plan.lead) + 16;
  const int64_t frames = plan.graph.run_integer("frames", kAlways);
  int64_t unknown = trial_length(plan), tried = std::min(frames, kLongestTrial);
  std::vector<int64_t> lengths;
  bool any_unknown = false;
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    const auto known = known_length(node);
    lengths.push_back(known ? std::min(*known, 2 * kLongestTrial) : Timeline::kUnknownLength);
    any_unknown = any_unknown || (node.spec->is_source && !known && !step.is_still);
    if (known) unknown = std::max(unknown, lengths.back() + slack);
  }
  const std::vector<int64_t> known_lengths = lengths;
  if (frames != kAlways && assumption == Assumption::LongerThanRun) unknown = std::max(unknown, tried + slack);
  if (frames != kAlways && assumption == Assumption::EndBeforeRun) tried = unknown + slack;
  for (size_t i = 0; i < lengths.size(); ++i) {
    trial.has_come[i].resize(plan.steps[i].inputs.size());
    if (lengths[i] < 0) lengths[i] = unknown;
    if (plan.graph.nodes[static_cast<size_t>(plan.steps[i].node)].spec->is_source)
      trial.longest = std::max(trial.longest, lengths[i]);
  }
  if (any_unknown) trial.end = unknown - 1;
  if (frames != kAlways) {
    trial.last = tried - 1;
    trial.last_is = frames - 1;
  }
  Timeline timeline(plan, {0, trial.last});
  if (pace.chunk > 0) {
    timeline.begin_chunks(known_lengths, std::max(pace.chunk, pace.first + plan.lead));
  } else {
    timeline.begin(known_lengths);
  }
  if (pace.keeps_every) timeline.keep_every();
  const int64_t limit = std::max(unknown, trial.longest) + 2 * (slack + std::min(plan.latency, kLongestTrial));
  while (timeline.last_decided() < limit && !timeline.is_over()) {
    const bool is_before_chunks = timeline.last_decided() < pace.first - 1;
    const int64_t ticks = pace.chunk == 0 ? 1 : is_before_chunks ? pace.first + plan.lead : pace.chunk;
    timeline.decide(ticks, [&](int step, int64_t t) { return t < lengths[static_cast<size_t>(step)]; });
    for (int64_t tick = timeline.first_decided(); tick <= timeline.last_decided(); ++tick) {
      timeline.look_at(tick);
      take_down(plan, timeline, trial);
    }
  }
  trial.ends = timeline.is_over();
  return trial;
}

std::vector<TimePiece> pieces_of(const std::vector<int64_t>& times, const Trial& trial, int64_t latency) {
  std::vector<TimePiece> pieces;
  for (size_t i = 0; i < times.size();) {
    size_t end = i + 1;
    const int64_t step = end < times.size() ? times[end] - times[i] : 1;
    while (end < times.size() && times[end] - times[end - 1] == step) ++end;
    if (end == i + 2 && step > 1) --end;  // two alone are not a pattern
    pieces.push_back({times[i], times[end - 1], end - i > 1 ? step : 1, false, false});
    i = end;
  }
  const auto tie = [&](int64_t& t, bool& from_end, int64_t slack) {
    if (trial.last != kAlways && t >= trial.last - slack) {
      t += trial.last_is - trial.last;
    } else if (trial.end != kAlways && std::abs(t - trial.end) <= slack) {
      t -= trial.end;
      from_end = true;
    }
  };
  for (TimePiece& piece : pieces) {
    tie(piece.last, piece.last_from_end, std::max(3 + latency, piece.step));
    tie(piece.begin, piece.begin_from_end, 3 + latency);
  }
  return pieces;
}

int64_t first_synthesis(const Plan& plan, const Trial& trial) {
  return first_time(plan, trial,
                    [&](int node) { return plan.graph.nodes[static_cast<size_t>(node)].spec->is_trainable; });
}

int64_t first_learning(const Plan& plan, const Trial& trial) {
  return first_time(plan, trial, [&](int node) {
    const int shares = plan.graph.nodes[static_cast<size_t>(node)].shares;
    const int network = shares >= 0 ? shares : node;
    return std::any_of(plan.graph.updates.begin(), plan.graph.updates.end(), [&](const Update& update) {
      return std::find(update.nodes.begin(), update.nodes.end(), network) != update.nodes.end();
    });
  });
}

}  // namespace weft::graph
