#include "framework/graph/timeline.h"

#include <algorithm>
#include <limits>

namespace weft::graph {

namespace {

/// No tick: a value that was made at a tick that is decided.
constexpr int64_t kMadeBefore = std::numeric_limits<int64_t>::min();

}  // namespace

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
    if (is_whole[at] != 0 || !rhythms_[at].folds_chunk) continue;
    for (int64_t tick = first_; tick <= last_ && is_whole[at] == 0; ++tick)
      is_whole[at] = flags(static_cast<int>(at), tick).needed ? 1 : 0;
    has_new = has_new || is_whole[at] != 0;
  }
  return has_new;
}

}  // namespace weft::graph
