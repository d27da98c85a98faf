#include "framework/graph/timeline.h"

#include "framework/graph/plan_reads.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Further ahead than this, what may be needed is taken to be needed.
constexpr int64_t kFarthest = 64;
/// Runs of presence are counted up to here.
constexpr int32_t kLongestRun = 1 << 30;

/// How many ticks lie between the making of a frame and its reading, at most.
int64_t longest_lag(const Plan& plan) {
  int64_t longest = 0;
  for (const Slot& slot : plan.slots) longest = std::max(longest, slot.length - 1);
  return longest;
}

}  // namespace

Timeline::Timeline(const Plan& plan, FrameRange range) : plan_(plan), range_(range) {
  for (const Step& step : plan.steps) {
    const FlatNode& node = plan.graph.node(step.node);
    rhythms_.push_back({node.every, node.multiple, node.spec->is_source, node.folds_chunk});
  }
  find_uses();
  find_states();
  begin();
}

void Timeline::find_uses() {
  uses_.resize(plan_.steps.size());
  reaches_.assign(plan_.steps.size(), 0);
  for (size_t reader = 0; reader < plan_.steps.size(); ++reader) {
    for_each_alternative(plan_.steps[reader], [&](const Alternative& alternative) {
      for (size_t position = 0; position < alternative.oldest.atoms.size(); ++position) {
        const Atom& atom = alternative.oldest.atoms[position];
        if (atom.slot == Atom::kZeros) continue;
        const auto producer = static_cast<size_t>(plan_.slots[static_cast<size_t>(atom.slot)].step);
        const int64_t lag = atom.delay + plan_.steps[producer].lead - plan_.steps[reader].lead;
        if (lag <= 0) continue;
        uses_[producer].push_back({static_cast<int>(reader), lag, &alternative, position});
        reaches_[producer] = std::max(reaches_[producer], lag);
      }
    });
  }
}

/// What a node with state gives depends on all frames before, so it runs at each t for as long as it may be read.
void Timeline::find_states() {
  stateful_until_.assign(plan_.steps.size(), 0);
  for (const Step& reader : plan_.steps) {
    for_each_atom(reader, [&](const Atom& atom, const Alternative& alternative) {
      int64_t before = std::min(atom.before, alternative.before);
      const auto producer = static_cast<size_t>(plan_.slots[static_cast<size_t>(atom.slot)].step);
      if (!plan_.graph.nodes[static_cast<size_t>(plan_.steps[producer].node)].spec->has_state) return;
      if (reader.is_goal && range_.last != kAlways) before = std::min(before, range_.last + 1);
      const int64_t until = before == kAlways ? kAlways : before - atom.delay;
      stateful_until_[producer] = std::max(stateful_until_[producer], until);
    });
  }
}

void Timeline::begin(const std::vector<int64_t>& lengths) {
  start(lengths, 1, false);
}

void Timeline::begin_chunks(const std::vector<int64_t>& lengths, int64_t chunk) {
  start(lengths, chunk, true);
}

void Timeline::start(const std::vector<int64_t>& lengths, int64_t chunk, bool in_chunks) {
  const size_t steps = plan_.steps.size();
  in_chunks_ = in_chunks;
  ahead_ = std::min(longest_lag(plan_), kFarthest);
  begins_.clear();
  lengths_.clear();
  size_t end = 0;
  for (const int64_t reach : reaches_) {
    begins_.push_back(end);
    lengths_.push_back(reach + ahead_ + chunk + 1);
    end += static_cast<size_t>(lengths_.back());
  }
  ring_.assign(end, {});
  ends_at_ = lengths.empty() ? std::vector<int64_t>(steps, kUnknownLength) : lengths;
  asked_.assign(steps, -1);
  times_able_.assign(steps, 0);
  tick_ = first_ = last_ = last_active_ = -plan_.lead - 1;
  quiet_ = 0;
}

/// Who can run in the ticks that are being decided and those ahead. Rule 13 thins what can.
void Timeline::look_ahead() {
  std::vector<int64_t> times_able = times_able_;
  std::vector<char> is_certain(plan_.steps.size(), 1);
  for (int64_t tick = first_; tick <= last_ + ahead_; ++tick) {
    const bool is_ahead = tick > last_;
    for (size_t at = 0; at < plan_.steps.size(); ++at) {
      const int step = static_cast<int>(at);
      Presence now = raw_presence(step, tick);
      const Rhythm& rhythm = rhythms_[at];
      const int64_t t = tick + plan_.steps[at].lead;
      const bool skips_time = rhythm.multiple > 1 && (t - plan_.first_synthesised) % rhythm.multiple != 0;
      // `every` counts among the times that `multiple` leaves.
      const bool is_able = now.can && !skips_time;
      bool skips_count = rhythm.every > 1 && !keeps_every_ && times_able[at] % rhythm.every != 0;
      // Which ticks of later chunks are chosen shows when they are decided.
      if (in_chunks_ && rhythm.every > 1) {
        skips_count = !is_ahead && chosen_[at][static_cast<size_t>(tick - first_)] == 0;
        if (is_ahead) is_certain[at] = 0;
      }
      if (is_able) ++times_able[at];
      if (skips_time || (skips_count && is_certain[at])) now = {};
      if (rhythm.every > 1 && !is_certain[at]) now.must = false;
      if (now.can != now.must && is_ahead) is_certain[at] = 0;
      const Flags before = flags(step, tick - 1);
      flags(step, tick) = {now.can,
                           now.must,
                           false,
                           is_able,
                           now.can ? std::min(before.can_run, kLongestRun) + 1 : 0,
                           now.must ? std::min(before.must_run, kLongestRun) + 1 : 0};
    }
  }
}

/// Chooses, for each step with `every`, the last tick of the chunk at which it is able to run, and each n-th before.
/// @returns whether the choice has changed
bool Timeline::choose_from_chunk() {
  bool has_changed = false;
  for (size_t at = 0; at < plan_.steps.size(); ++at) {
    const int64_t every = rhythms_[at].every;
    if (every == 1) continue;
    int64_t able_after = 0;
    for (int64_t tick = last_; tick >= first_; --tick) {
      const bool is_able = flags(static_cast<int>(at), tick).is_able;
      const char is_chosen = is_able && able_after++ % every == 0 ? 1 : 0;
      char& before = chosen_[at][static_cast<size_t>(tick - first_)];
      has_changed = has_changed || (is_able && before != is_chosen);
      before = is_chosen;
    }
  }
  return has_changed;
}

/// The choice of one step decides what another is able to do, so it is made again until it stays.
void Timeline::thin_chunk() {
  chosen_.assign(plan_.steps.size(), std::vector<char>(static_cast<size_t>(last_ - first_ + 1), 1));
  for (size_t round = 0; round <= plan_.steps.size(); ++round) {
    look_ahead();
    if (!choose_from_chunk()) break;
  }
}

/// @returns whether something was learnt, so that the ticks must be decided again
bool Timeline::ask_sources(const Ask& ask) {
  for (int64_t tick = first_; tick <= last_; ++tick) {
    bool has_learnt = false;
    for (size_t at = 0; at < plan_.steps.size(); ++at) {
      const Step& step = plan_.steps[at];
      const int64_t t = tick + step.lead;
      if (!rhythms_[at].is_source || step.is_still || !flags(static_cast<int>(at), tick).needed || asked_[at] >= t)
        continue;
      asked_[at] = t;
      const bool has_frame = ask(static_cast<int>(at), t);
      has_learnt = has_learnt || !has_frame || ends_at_[at] == kUnknownLength;
      if (!has_frame) ends_at_[at] = t;
    }
    if (has_learnt) return true;
  }
  return false;
}

void Timeline::decide(int64_t ticks, const Ask& ask) {
  first_ = tick_ = last_ + 1;
  last_ += ticks;
  do {
    in_chunks_ ? thin_chunk() : look_ahead();
    find_needed();
  } while (ask_sources(ask));
  finish_deciding();
}

void Timeline::finish_deciding() {
  last_active_ = first_ - 1;
  for (tick_ = first_; tick_ <= last_; ++tick_) {
    bool is_active = false;
    for (size_t at = 0; at < plan_.steps.size(); ++at) {
      Flags& now = flags(static_cast<int>(at), tick_);
      now.must = now.can;
      now.must_run = now.can_run;
      if (!now.is_able) continue;
      ++times_able_[at];
      const Step& step = plan_.steps[at];
      const bool counts = step.is_goal && !(in_chunks_ && (step.is_still || step.only_watches));
      is_active = is_active || (counts && time(static_cast<int>(at)) <= range_.last);
    }
    quiet_ = is_active ? 0 : quiet_ + 1;
    if (is_active) last_active_ = tick_;
  }
  tick_ = last_;
}

const Atom* Timeline::choose(int step, const FrameRead& frame) const {
  const int64_t t = time(step);
  for (const Atom& atom : frame.atoms) {
    if (presence(atom, t).can) return &atom;
  }
  return nullptr;
}

const Alternative* Timeline::choose(int step, const Read& read) const {
  const int64_t t = time(step);
  for (const Alternative& alternative : read.alternatives) {
    if (presence(alternative, t).can) return &alternative;
  }
  return nullptr;
}

bool Timeline::is_over() const {
  const bool any_left = std::any_of(plan_.steps.begin(), plan_.steps.end(),
                                    [&](const Step& step) { return step.is_goal && last_ + step.lead < range_.last; });
  // A chunk chooses its times from its end, so in training nothing rests for longer than a chunk.
  return !any_left || quiet_ > plan_.latency + plan_.lead + (in_chunks_ ? 0 : plan_.pause);
}

}  // namespace weft::graph
