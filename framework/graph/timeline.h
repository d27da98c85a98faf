#pragma once

#include "framework/graph/plan.h"

#include <functional>
#include <vector>

namespace weft::graph {

/// Which frames goals are wanted for.
struct FrameRange {
  int64_t first = 0;
  int64_t last = kAlways;
};

/// Decides, tick by tick, which nodes run: rule 2 forwards (which can run), rule 6 backwards (which are needed), in space
/// and time. The executor and the check use the same one.
///
/// A frame may be needed by a later one, so each tick looks as far ahead as any delay reaches. What lies ahead is
/// certain as far as the lengths of the sources are known; where they are not, a frame is made if any length would
/// need it.
///
/// A run decides one tick at a time. Training decides a chunk of them together, before any is computed.
class Timeline {
 public:
  Timeline(const Plan& plan, FrameRange range);

  static constexpr int64_t kUnknownLength = -1;
  /// A sequence begins, whose ticks are decided one by one.
  /// @param lengths  frames of each step that is a source, kUnknownLength where the end shows itself; may be empty
  void begin(const std::vector<int64_t>& lengths = {});
  /// The same for training: up to `chunk` ticks are decided together; `every` counts back from the last of them, and
  /// what is still can be a goal of each chunk.
  void begin_chunks(const std::vector<int64_t>& lengths, int64_t chunk);
  /// From now on nodes with `every` run whenever they can: to find out what could ever run.
  void keep_every() { keeps_every_ = true; }

  /// Whether a source has a frame at t; asked once for each frame that is needed, in order.
  using Ask = std::function<bool(int step, int64_t t)>;
  /// Decides the next tick.
  void tick(const Ask& ask) { decide(1, ask); }
  /// Decides the next `ticks`; the questions below are then about the last of them.
  void decide(int64_t ticks, const Ask& ask);
  /// The ticks that were decided together.
  int64_t first_decided() const { return first_; }
  int64_t last_decided() const { return last_; }
  /// The last of them at which a goal could run; before first_decided() when there is none.
  int64_t last_active() const { return last_active_; }
  /// Turns the questions below to one of them.
  void look_at(int64_t tick) { tick_ = tick; }
  int64_t looked_at() const { return tick_; }

  bool runs(int step) const { return flags(step, tick_).needed; }
  bool could_run(int step) const { return flags(step, tick_).can; }
  /// t of a step at this tick.
  int64_t time(int step) const { return tick_ + plan_.steps[static_cast<size_t>(step)].lead; }

  /// The atom that gives a frame to a step at this tick; nothing when none is present.
  /// @param frame  must live as long as the answer
  const Atom* choose(int step, const FrameRead& frame) const;
  /// The alternative of a read that is present at this tick; nothing when none is.
  const Alternative* choose(int step, const Read& read) const;

  /// Whether no goal can run any more.
  bool is_over() const;

 private:
  /// Presence at one tick: certain in the past and now, perhaps not ahead.
  struct Flags {
    bool can = false;   ///< present as far as is known
    bool must = false;  ///< present whatever the sources do
    bool needed = false;
    bool is_able = false;  ///< before rule 13 thins it
    /// In how many ticks up to this one it was so without a gap: a window of any length is looked up at once.
    int32_t can_run = 0, must_run = 0;
  };
  struct Presence {
    bool can = false;
    bool must = false;
  };
  /// What of a node decides at which ticks it runs.
  struct Rhythm {
    int64_t every = 1, multiple = 1;
    bool is_source = false;
    bool folds_chunk = false;
  };
  /// A read of a step's output at a later tick; of a window its oldest frame, with the longest lag.
  struct Use {
    int reader = 0;
    int64_t lag = 0;  ///< ticks
    const Alternative* alternative = nullptr;
    size_t position = 0;  ///< among the atoms of a frame
  };

  Flags& flags(int step, int64_t tick) { return ring_[index_of(step, tick)]; }
  const Flags& flags(int step, int64_t tick) const { return ring_[index_of(step, tick)]; }
  size_t index_of(int step, int64_t tick) const {
    // The first tick is -lead, and the one before it is looked at too.
    const auto at = static_cast<size_t>(step);
    return begins_[at] + static_cast<size_t>((tick + plan_.lead + 1) % lengths_[at]);
  }
  int64_t tick_of(int step, int64_t t) const { return t - plan_.steps[static_cast<size_t>(step)].lead; }

  Presence presence(const Atom& atom, int64_t t) const;
  template <typename Atoms>
  Presence presence_of_any(const Atoms& atoms, int64_t t) const;
  Presence presence(const Alternative& alternative, int64_t t) const;
  Presence window_presence(const Alternative& window, int64_t t) const;
  Presence presence(const Read& read, int64_t t) const;
  bool is_live(const Read& read, int64_t t) const;
  Presence presence(const StepInput& input, int64_t t) const;
  Presence source_presence(int step, int64_t t) const;
  Presence raw_presence(int step, int64_t tick) const;
  void start(const std::vector<int64_t>& lengths, int64_t chunk, bool in_chunks);
  void look_ahead();
  void thin_chunk();
  bool choose_from_chunk();
  void finish_deciding();
  void find_uses();
  void find_states();
  bool may_be_read_beyond(int step, int64_t tick) const;
  bool may_be_read_beyond(const Use& use, int64_t tick, int64_t t) const;
  void find_needed();
  void mark_needed(const std::vector<char>& is_whole);
  bool find_whole(std::vector<char>& is_whole) const;
  void demand(int step, int64_t tick);
  bool demand_frame(const Alternative& alternative, int64_t index, int64_t t);
  int64_t open_tick(const Atom& atom, int64_t t) const;
  bool ask_sources(const Ask& ask);

  const Plan& plan_;
  FrameRange range_;
  bool in_chunks_ = false;
  bool keeps_every_ = false;
  int64_t tick_ = 0;              ///< which the questions are about
  int64_t first_ = 0, last_ = 0;  ///< which are decided together
  int64_t last_active_ = 0;
  int64_t quiet_ = 0;
  int64_t ahead_ = 0;             ///< ticks that are looked at beyond the current one
  std::vector<Flags> ring_;       ///< of each step as many ticks as may be asked for, one step after the other
  std::vector<size_t> begins_;    ///< by step, where its ticks begin
  std::vector<int64_t> lengths_;  ///< by step
  std::vector<int64_t> reaches_;  ///< by step: how many ticks back its presence is read
  std::vector<int64_t> ends_at_, asked_, times_able_;
  std::vector<std::vector<char>> chosen_;  ///< by step with `every`: which ticks of the chunk it may run at
  std::vector<int64_t> stateful_until_;    ///< by step: with state, it runs at each t before this one; 0 without
  std::vector<std::vector<Use>> uses_;     ///< by step
  std::vector<Rhythm> rhythms_;            ///< by step
};

}  // namespace weft::graph
