#include "framework/graph/timeline.h"

#include "framework/graph/plan_reads.h"

#include <algorithm>

namespace weft::graph {
namespace {

/// Further ahead than this, what may be needed is taken to be needed.
constexpr int64_t kFarthest = 64;
/// Runs of presence are counted up to here.
constexpr int32_t kLongestRun = 1 << 30;
/// No tick: a value that was made at a tick that is decided.
constexpr int64_t kMadeBefore = std::numeric_limits<int64_t>::min();

/// How many ticks lie between the making of a frame and its reading, at most.
int64_t longest_lag(const Plan& plan) {
  int64_t longest = 0;
  for (const Slot& slot : plan.slots) longest = std::max(longest, slot.length - 1);
  return longest;
}

}  // namespace

Timeline::Timeline(const Plan& plan, FrameRange range) : plan_(plan), range_(range) {
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

Timeline::Presence Timeline::presence(const Atom& atom, int64_t t) const {
  if (t >= atom.before) return {};
  if (atom.slot == Atom::kZeros) return {true, true};
  const int producer = plan_.slots[static_cast<size_t>(atom.slot)].step;
  const int64_t made_at = t - atom.delay;
  if (made_at < 0) return {};
  const bool is_still = plan_.steps[static_cast<size_t>(producer)].is_still;
  const Flags& of = flags(producer, is_still ? tick_ : tick_of(producer, made_at));
  return {of.can, of.must};
}

/// @param atoms  of a frame, each as it is read at t
template <typename Atoms>
Timeline::Presence Timeline::presence_of_any(const Atoms& atoms, int64_t t) const {
  Presence any;
  for (const Atom& atom : atoms) {
    const Presence one = presence(atom, t);
    any.can = any.can || one.can;
    any.must = any.must || one.must;
    if (any.must) break;
  }
  return any;
}

Timeline::Presence Timeline::presence(const Alternative& alternative, int64_t t) const {
  if (t >= alternative.before) return {};
  return alternative.frames == 1 ? presence_of_any(alternative.oldest.atoms, t) : window_presence(alternative, t);
}

Timeline::Presence Timeline::window_presence(const Alternative& window, int64_t t) const {
  const std::vector<Atom>& atoms = window.oldest.atoms;
  const bool has_zeros_always = std::any_of(
      atoms.begin(), atoms.end(), [](const Atom& atom) { return atom.slot == Atom::kZeros && atom.before == kAlways; });
  if (has_zeros_always) return {true, true};
  const Atom newest = window.atom_of(atoms.front(), window.frames - 1);
  if (atoms.size() == 1 && newest.slot != Atom::kZeros) {
    const int producer = plan_.slots[static_cast<size_t>(newest.slot)].step;
    if (!plan_.steps[static_cast<size_t>(producer)].is_still) {
      if (t >= newest.before || t - atoms.front().delay < 0) return {};
      const Flags& of = flags(producer, tick_of(producer, t - newest.delay));
      const int64_t span = (window.frames - 1) * window.step + 1;
      if (window.step == 1 || of.must_run >= span) return {of.can_run >= span, of.must_run >= span};
    }
  }
  Presence all{true, true};
  for (int64_t index = 0; index < window.frames && all.can; ++index) {
    const Presence one = presence_of_any(window.frame(index).atoms, t);
    all.can = one.can;
    all.must = all.must && one.must;
  }
  return all.can ? all : Presence();
}

Timeline::Presence Timeline::presence(const Read& read, int64_t t) const {
  Presence any;
  for (const Alternative& alternative : read.alternatives) {
    const Presence one = presence(alternative, t);
    any.can = any.can || one.can;
    any.must = any.must || one.must;
  }
  return any;
}

/// Whether a read has a value at t that is not static.
bool Timeline::is_live(const Read& read, int64_t t) const {
  const auto is_live_atom = [&](const Atom& atom) {
    const bool is_still = atom.slot != Atom::kZeros &&
                          plan_.steps[static_cast<size_t>(plan_.slots[static_cast<size_t>(atom.slot)].step)].is_still;
    return !is_still && presence(atom, t).can;
  };
  return std::any_of(read.alternatives.begin(), read.alternatives.end(), [&](const Alternative& alternative) {
    if (!presence(alternative, t).can) return false;
    for (int64_t index = 0; index < alternative.frames; ++index) {
      const FrameRead frame = alternative.frame(index);
      if (std::any_of(frame.atoms.begin(), frame.atoms.end(), is_live_atom)) return true;
    }
    return false;
  });
}

/// A variadic input needs one value that is not still, unless all are: a static value lasts for ever, and would make a
/// sequence endless.
Timeline::Presence Timeline::presence(const StepInput& input, int64_t t) const {
  Presence any;
  const bool is_variadic = input.arity == PortSpec::Arity::Many;
  bool all_still = true, has_live = false;
  for (const Read& read : input.reads) {
    const Presence one = presence(read, t);
    any.can = any.can || one.can;
    any.must = any.must || one.must;
    if (!is_variadic || read.type.is_still) continue;
    all_still = false;
    has_live = has_live || is_live(read, t);
  }
  if (is_variadic && !all_still && !has_live) return {};
  return any;
}

Timeline::Presence Timeline::source_presence(int step, int64_t t) const {
  const auto at = static_cast<size_t>(step);
  if (plan_.steps[at].is_still) return {true, true};
  if (ends_at_[at] != kUnknownLength) return {t < ends_at_[at], t < ends_at_[at]};
  // An end that is not known may come with every frame that was not asked for.
  return {true, t <= asked_[at]};
}

Timeline::Presence Timeline::raw_presence(int step, int64_t tick) const {
  const Step& of = plan_.steps[static_cast<size_t>(step)];
  const int64_t t = tick + of.lead;
  if (t < 0) return {};
  const bool is_written = !in_chunks_ && times_able_[static_cast<size_t>(step)] > 0;
  if (of.is_goal && of.is_still && is_written) return {};  // one value, written once
  const NodeSpec& spec = *plan_.graph.nodes[static_cast<size_t>(of.node)].spec;
  if (spec.is_source) return source_presence(step, t);
  Presence all{true, true};
  for (const StepInput& input : of.inputs) {
    if (input.arity == PortSpec::Arity::Optional) continue;
    const Presence one = presence(input, t);
    all.can = all.can && one.can;
    all.must = all.must && one.must;
    if (!all.can) break;
  }
  return all;
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
      const FlatNode& node = plan_.graph.nodes[static_cast<size_t>(plan_.steps[at].node)];
      const int64_t t = tick + plan_.steps[at].lead;
      const bool skips_time = node.multiple > 1 && (t - plan_.first_synthesised) % node.multiple != 0;
      // `every` counts among the times that `multiple` leaves.
      const bool is_able = now.can && !skips_time;
      bool skips_count = node.every > 1 && !keeps_every_ && times_able[at] % node.every != 0;
      // Which ticks of later chunks are chosen shows when they are decided.
      if (in_chunks_ && node.every > 1) {
        skips_count = !is_ahead && chosen_[at][static_cast<size_t>(tick - first_)] == 0;
        if (is_ahead) is_certain[at] = 0;
      }
      if (is_able) ++times_able[at];
      if (skips_time || (skips_count && is_certain[at])) now = {};
      if (node.every > 1 && !is_certain[at]) now.must = false;
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
    const int64_t every = plan_.graph.nodes[static_cast<size_t>(plan_.steps[at].node)].every;
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

/// The tick at which what an atom reads at t is made, if it is one of those that are being decided; else kMadeBefore.
int64_t Timeline::open_tick(const Atom& atom, int64_t t) const {
  if (atom.slot == Atom::kZeros) return kMadeBefore;
  const int producer = plan_.slots[static_cast<size_t>(atom.slot)].step;
  const bool is_still = plan_.steps[static_cast<size_t>(producer)].is_still;
  const int64_t made_at = is_still ? first_ : tick_of(producer, t - atom.delay);
  return made_at >= first_ ? made_at : kMadeBefore;
}

/// Marks what a step may read at a tick: of a choice all that may be the first that is present.
void Timeline::demand(int step, int64_t tick) {
  const int64_t t = tick + plan_.steps[static_cast<size_t>(step)].lead;
  for (const StepInput& input : plan_.steps[static_cast<size_t>(step)].inputs) {
    for (const Read& read : input.reads) {
      for (const Alternative& alternative : read.alternatives) {
        const Presence chosen = presence(alternative, t);
        if (!chosen.can) continue;
        // The frames before one of which nothing is being decided are older still.
        for (int64_t index = alternative.frames - 1; index >= 0; --index) {
          if (!demand_frame(alternative, index, t)) break;
        }
        if (chosen.must) break;
      }
    }
  }
}

/// @returns whether anything that the frame may come from is being decided
bool Timeline::demand_frame(const Alternative& alternative, int64_t index, int64_t t) {
  bool is_open = false, is_certain = false;
  for (const Atom& oldest : alternative.oldest.atoms) {
    const Atom atom = alternative.atom_of(oldest, index);
    const int64_t made_at = open_tick(atom, t);
    is_open = is_open || made_at != kMadeBefore;
    if (is_certain) continue;
    const Presence one = presence(atom, t);
    const int producer = atom.slot == Atom::kZeros ? -1 : plan_.slots[static_cast<size_t>(atom.slot)].step;
    if (one.can && made_at != kMadeBefore) flags(producer, made_at).needed = true;
    is_certain = one.must;
  }
  return is_open;
}

/// Whether a frame may be read at a tick that is not looked at. The reader is taken to run; but what stands before
/// the frame in a choice, and is surely present, rules it out.
bool Timeline::may_be_read_beyond(int step, int64_t tick) const {
  const auto& uses = uses_[static_cast<size_t>(step)];
  const int64_t t = tick + plan_.steps[static_cast<size_t>(step)].lead;
  return std::any_of(uses.begin(), uses.end(), [&](const Use& use) { return may_be_read_beyond(use, tick, t); });
}

bool Timeline::may_be_read_beyond(const Use& use, int64_t tick, int64_t t) const {
  const Alternative& alternative = *use.alternative;
  const Atom& oldest = alternative.oldest.atoms[use.position];
  const int64_t open = last_ + ahead_;
  // Frames of the window that are read beyond what is looked at: the oldest ones.
  const int64_t beyond = tick + use.lag - open;
  if (beyond <= 0) return false;
  const int64_t frames = std::min(alternative.frames, (beyond + alternative.step - 1) / alternative.step);
  const bool is_goal = plan_.steps[static_cast<size_t>(use.reader)].is_goal;
  // The frame is read the earlier, the newer it is in the window.
  for (int64_t index = frames - 1; index >= 0; --index) {
    const Atom atom = alternative.atom_of(oldest, index);
    const int64_t read_at = t + atom.delay;
    if (read_at >= std::min(atom.before, alternative.before) || (is_goal && read_at > range_.last)) return false;
    bool is_ruled_out = false;
    for (size_t other = 0; other < use.position && !is_ruled_out; ++other) {
      const Atom first = alternative.atom_of(alternative.oldest.atoms[other], index);
      if (first.slot == Atom::kZeros) {
        is_ruled_out = read_at < first.before;
      } else {
        const int producer = plan_.slots[static_cast<size_t>(first.slot)].step;
        is_ruled_out = tick_of(producer, read_at - first.delay) <= open && presence(first, read_at).must;
      }
    }
    if (!is_ruled_out) return true;
  }
  return false;
}

void Timeline::find_needed() {
  std::vector<char> is_whole(plan_.steps.size(), 0);
  do {
    mark_needed(is_whole);
  } while (find_whole(is_whole));
}

/// Marks what goals need, and all of the chunk's times of the steps in `is_whole`.
void Timeline::mark_needed(const std::vector<char>& is_whole) {
  for (int64_t tick = last_ + ahead_; tick >= first_; --tick) {
    for (size_t at = plan_.steps.size(); at-- > 0;) {
      const int step = static_cast<int>(at);
      Flags& of = flags(step, tick);
      const int64_t t = tick + plan_.steps[at].lead;
      const bool is_wanted = plan_.steps[at].is_goal && t >= range_.first && t <= range_.last;
      const bool keeps_state = t < stateful_until_[at];
      const bool is_in_fold = is_whole[at] != 0 && tick <= last_;
      of.needed = of.can && (is_wanted || of.needed || is_in_fold || keeps_state || may_be_read_beyond(step, tick));
      if (of.needed) demand(step, tick);
    }
  }
}

/// Adds the folded steps that are needed at some time of the chunk: they take all at which they can run (rule 14).
/// @returns whether there are new ones
bool Timeline::find_whole(std::vector<char>& is_whole) const {
  if (!in_chunks_) return false;
  bool has_new = false;
  for (size_t at = 0; at < plan_.steps.size(); ++at) {
    if (is_whole[at] != 0 || !plan_.graph.nodes[static_cast<size_t>(plan_.steps[at].node)].folds_chunk) continue;
    for (int64_t tick = first_; tick <= last_ && is_whole[at] == 0; ++tick)
      is_whole[at] = flags(static_cast<int>(at), tick).needed ? 1 : 0;
    has_new = has_new || is_whole[at] != 0;
  }
  return has_new;
}

/// @returns whether something was learnt, so that the ticks must be decided again
bool Timeline::ask_sources(const Ask& ask) {
  for (int64_t tick = first_; tick <= last_; ++tick) {
    bool has_learnt = false;
    for (size_t at = 0; at < plan_.steps.size(); ++at) {
      const Step& step = plan_.steps[at];
      const int64_t t = tick + step.lead;
      const bool is_source = plan_.graph.nodes[static_cast<size_t>(step.node)].spec->is_source;
      if (!is_source || step.is_still || !flags(static_cast<int>(at), tick).needed || asked_[at] >= t) continue;
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
  return !any_left || quiet_ > plan_.latency + plan_.lead;
}

}  // namespace weft::graph
