#include "framework/graph/trial.h"

#include "framework/graph/plan_reads.h"
#include "framework/graph/timeline.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace weft::graph {
namespace {

/// Presences that a trial may work out, which takes about half a second.
constexpr int64_t kMostWork = 5'000'000;

/// The ticks that a trial may take: each looks some way ahead.
int64_t most_ticks(const Plan& plan) {
  int64_t reads = 1, longest = 0;
  for (const Slot& slot : plan.slots) longest = std::max(longest, slot.length - 1);
  for (const Step& step : plan.steps) {
    ++reads;
    for_each_alternative(step, [&](const Alternative& alternative) {
      const int64_t atoms = static_cast<int64_t>(alternative.oldest.atoms.size());
      reads += atoms == 1 ? std::min<int64_t>(alternative.frames, 8) : atoms * alternative.frames;
    });
  }
  return std::max<int64_t>(kMostWork / (reads * (1 + std::min<int64_t>(longest, 64))), 64);
}

int64_t trial_length(const Plan& plan) {
  int64_t length = std::max(4 * (plan.reach + plan.lead) + 16, 3 * std::min(plan.pause, kLongestTrial / 4) + 4);
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

/// Who runs at the tick that is looked at.
void take_down(const Plan& plan, const Timeline& timeline, Trial& trial) {
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const int step = static_cast<int>(i);
    const bool is_first = !plan.steps[i].is_still || trial.runs[i].empty();
    if (timeline.runs(step) && is_first) trial.runs[i].push_back(timeline.time(step));
  }
}

/// The first t at which one of these steps runs; 0 when none does.
int64_t first_time(const Plan& plan, const Trial& trial, const Forecast& forecast,
                   const std::function<bool(int node)>& counts) {
  int64_t first = kAlways;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    if (!counts(plan.steps[i].node)) continue;
    if (!trial.runs[i].empty()) {
      first = std::min(first, trial.runs[i].front());
    } else if (forecast.first[i] > trial.ticks) {
      first = std::min(first, forecast.first[i]);
    }
  }
  return first == kAlways ? 0 : first;
}

/// By step; those that are not known are kAlways.
std::vector<int64_t> source_lengths(const Plan& plan) {
  std::vector<int64_t> lengths;
  for (const Step& step : plan.steps)
    lengths.push_back(known_length(plan.graph.nodes[static_cast<size_t>(step.node)]).value_or(kAlways));
  return lengths;
}

}  // namespace

std::optional<int64_t> known_length(const FlatNode& node) {
  return node.spec->frame_count ? node.spec->frame_count(node.all_params()) : std::nullopt;
}

Forecast forecast_of(const Plan& plan, Thinning thinning) {
  const int64_t frames = plan.graph.run.frames.value_or(kAlways);
  return forecast(plan, source_lengths(plan), frames == kAlways ? kAlways : frames - 1, thinning, Until::AllHaveRun);
}

bool stops_with_sources(const Plan& plan, const Forecast& reach) {
  if (plan.graph.run.frames) return true;
  std::vector<int64_t> lengths = source_lengths(plan);
  const int64_t latest = std::max<int64_t>(*std::max_element(reach.first.begin(), reach.first.end()), 0);
  for (int64_t& length : lengths) {
    if (length == kAlways) length = latest + plan.latency + plan.lead + 16;
  }
  return forecast(plan, lengths, kAlways, Thinning::AsGiven, Until::Rest).ends;
}

Trial try_out(const Plan& plan, Assumption assumption, const Pace& pace, const std::vector<int64_t>& first_times) {
  Trial trial;
  trial.runs.resize(plan.steps.size());
  const int64_t slack = 4 * (plan.reach + plan.lead) + 16;
  const int64_t latest = first_times.empty() ? 0 : *std::max_element(first_times.begin(), first_times.end());
  const int64_t farthest = std::min(std::max(kLongestTrial, latest + slack), most_ticks(plan));
  const int64_t frames = plan.graph.run.frames.value_or(kAlways);
  int64_t unknown = std::min(trial_length(plan), farthest), tried = std::min(frames, farthest);
  std::vector<int64_t> lengths;
  bool any_unknown = false;
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.nodes[static_cast<size_t>(step.node)];
    const auto known = known_length(node);
    lengths.push_back(known ? std::min(*known, 2 * farthest) : Timeline::kUnknownLength);
    any_unknown = any_unknown || (node.spec->is_source && !known && !step.is_still);
    if (known) unknown = std::max(unknown, lengths.back() + slack);
  }
  const std::vector<int64_t> known_lengths = lengths;
  if (frames != kAlways && assumption == Assumption::LongerThanRun) unknown = std::max(unknown, tried + slack);
  if (frames != kAlways && assumption == Assumption::EndBeforeRun) tried = unknown + slack;
  for (size_t i = 0; i < lengths.size(); ++i) {
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
  const int64_t limit = std::max(unknown, trial.longest) + 2 * (slack + std::min(plan.latency, farthest)) +
                        std::min(plan.pause, farthest);
  while (timeline.last_decided() < limit && !timeline.is_over()) {
    const bool is_before_chunks = timeline.last_decided() < pace.first - 1;
    const int64_t ticks = pace.chunk == 0 ? 1 : is_before_chunks ? pace.first + plan.lead : pace.chunk;
    timeline.decide(ticks, [&](int step, int64_t t) { return t < lengths[static_cast<size_t>(step)]; });
    for (int64_t tick = timeline.first_decided(); tick <= timeline.last_decided(); ++tick) {
      timeline.look_at(tick);
      take_down(plan, timeline, trial);
    }
  }
  trial.ticks = timeline.last_decided();
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

int64_t first_synthesis(const Plan& plan, const Trial& trial, const Forecast& forecast) {
  return first_time(plan, trial, forecast,
                    [&](int node) { return plan.graph.nodes[static_cast<size_t>(node)].spec->is_trainable; });
}

int64_t first_learning(const Plan& plan, const Trial& trial, const Forecast& forecast) {
  return first_time(plan, trial, forecast, [&](int node) {
    const int shares = plan.graph.nodes[static_cast<size_t>(node)].shares;
    const int network = shares >= 0 ? shares : node;
    return std::any_of(plan.graph.updates.begin(), plan.graph.updates.end(), [&](const Update& update) {
      return std::find(update.nodes.begin(), update.nodes.end(), network) != update.nodes.end();
    });
  });
}

}  // namespace weft::graph
