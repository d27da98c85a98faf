#pragma once

#include "framework/graph/plan.h"
#include "framework/graph/timeline.h"
#include "framework/node/node.h"
#include "framework/run/row_nodes.h"
#include "framework/run/sink_writer.h"
#include "framework/run/source_reader.h"
#include "framework/run/trace.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weft::run {

struct ExecutorOptions {
  at::Device device = at::kCPU;
  at::ScalarType precision = at::kFloat;
  uint64_t seed = 1;
  graph::FrameRange range;
  size_t read_ahead = 4;    ///< frames
  size_t write_behind = 4;  ///< frames
  Trace* trace = nullptr;
};

/// Carries out a plan, tick by tick, in one order on one thread; reading and writing go on beside it.
///
/// Ports are bound once, when the executor is made: a tick picks values out of numbered slots and hands pointers to
/// nodes. A value lives in its slot until the last step that may read it has run.
class Executor {
 public:
  /// @param nodes  by node of the plan's graph; those that the plan does not run may be missing
  Executor(const graph::Plan& plan, std::vector<Node*> nodes, ExecutorOptions options, Log& log);
  ~Executor();

  /// Delays, still values and node states start anew.
  /// @param lengths  frames of each step that is a source, where they are known (Timeline::begin)
  void begin_sequence(const Row& row, const std::vector<int64_t>& lengths = {});
  /// Runs one tick. @returns false when the sequence is over, and nothing was run
  bool tick();
  /// Ends the sequence: writers finish.
  void finish_sequence(Ending ending = Ending::Whole);
  /// Ends it after a failure: writers make usable what they have.
  void abandon_sequence() noexcept;

  /// The value of an input of the graph at the next t: the first push of a sequence is for t = 0.
  void push(const std::string& input, Value value);
  /// What a wanted stream had at the last tick; empty when it was not present.
  const Value& wanted(const std::string& path) const;

  /// Frames that the goals have had in this sequence, of the goal with the most.
  int64_t frames_done() const { return frames_done_; }
  /// The t after the last frame that a goal has had in this sequence.
  int64_t position() const { return position_; }
  /// "30 frames of [1, 1, 256, 512]": what a source has given in this sequence.
  std::string source_text(int step) const;
  const graph::Timeline& timeline() const { return timeline_; }

 private:
  struct Unit;   ///< a step with what it needs to run
  struct Ring {  ///< the values of a slot
    std::vector<Value> values;
    std::vector<Value> elsewhere;  ///< the same values in the other memory, where somebody asked for them
  };
  struct WindowUse {  ///< a window that one or more steps read at a tick
    Value value;
    int last_step = 0;
  };

  void make_units(const std::vector<Node*>& nodes, Log& log);
  void number_windows();
  void count_frame(Unit& goal);
  bool ask(int step, int64_t t);
  static void drop_pushed(Unit& unit, int64_t t);
  void run_step(Unit& unit);
  void bind(Unit& unit);
  const Value* value_of(Unit& unit, const graph::Read& read, const graph::Alternative& alternative);
  const Value* frame_of(Unit& unit, const graph::Read& read, const graph::Alternative& alternative,
                        const graph::FrameRead& frame);
  const Value* zeros_of(Unit& unit, const graph::Read& read, bool inside_window);
  void call(Unit& unit);
  void give(Unit& unit);
  void store(Unit& unit);
  void release(const Unit& unit);
  void learn_sizes(const Unit& unit);
  void check_sizes() const;
  std::string describe_inputs(const Unit& unit) const;
  Value& entry(int slot, int64_t t);

  const graph::Plan& plan_;
  ExecutorOptions options_;
  graph::Timeline timeline_;
  Symbols symbols_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::vector<Ring> rings_;
  std::map<const graph::Alternative*, int> window_numbers_;
  std::vector<WindowUse> windows_;
  std::map<std::string, int> pushed_, wanted_;  ///< paths to steps
  int64_t frames_done_ = 0, position_ = 0;
  std::string lane_ = "compute";
};

}  // namespace weft::run
