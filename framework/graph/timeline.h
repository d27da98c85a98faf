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
  };
  struct Presence {
    bool can = false;
    bool must = false;
  };
  /// A read of a step's output at a later tick.
  struct Use {
    int reader = 0;
    int64_t lag = 0;  ///< ticks
    int64_t delay = 0, before = 0;
    const FrameRead* frame = nullptr;
    size_t position = 0;  ///< among the frame's atoms
  };

  Flags& flags(int step, int64_t tick) { return ring_[index_of(step, tick)]; }
  const Flags& flags(int step, int64_t tick) const { return ring_[index_of(step, tick)]; }
  size_t index_of(int step, int64_t tick) const {
    return static_cast<size_t>((tick + offset_) % length_) * plan_.steps.size() + static_cast<size_t>(step);
  }
  int64_t tick_of(int step, int64_t t) const { return t - plan_.steps[static_cast<size_t>(step)].lead; }

  Presence presence(const Atom& atom, int64_t t) const;
  Presence presence(const FrameRead& frame, int64_t t) const;
  Presence presence(const Alternative& alternative, int64_t t) const;
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
  void find_needed();
  void mark_needed(const std::vector<char>& is_whole);
  bool find_whole(std::vector<char>& is_whole) const;
  void demand(int step, int64_t tick);
  void need(const Atom& atom, int64_t t);
  bool ask_sources(const Ask& ask);

  const Plan& plan_;
  FrameRange range_;
  bool in_chunks_ = false;
  bool keeps_every_ = false;
  int64_t tick_ = 0;              ///< which the questions are about
  int64_t first_ = 0, last_ = 0;  ///< which are decided together
  int64_t last_active_ = 0;
  int64_t quiet_ = 0;
  int64_t ahead_ = 0;   ///< ticks that are looked at beyond the current one
  int64_t length_ = 1;  ///< of the ring, in ticks
  int64_t offset_ = 0;  ///< makes ticks positive
  std::vector<Flags> ring_;
  std::vector<int64_t> ends_at_, asked_, times_able_;
  std::vector<std::vector<char>> chosen_;  ///< by step with `every`: which ticks of the chunk it may run at
  std::vector<int64_t> stateful_until_;    ///< by step: with state, it runs at each t before this one; 0 without
  std::vector<std::vector<Use>> uses_;     ///< by step
};

}  // namespace weft::graph
