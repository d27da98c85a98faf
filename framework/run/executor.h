#pragma once

#include "framework/graph/chunk_order.h"
#include "framework/graph/plan.h"
#include "framework/graph/timeline.h"
#include "framework/node/archive.h"
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

/// Settings of the executor for training; lists are by step of the plan.
struct Learning {
  int64_t bptt = 1;              ///< at times whose index in the chunk is a multiple of it, cycles carry no gradients
  std::vector<char> learns;      ///< runs with gradients: an updated network, or a node downstream of one
  std::vector<char> renews;      ///< static, but recomputed for each chunk
  std::vector<char> trains;      ///< runs in training mode: all steps but networks that no update changes
  std::vector<char> recomputes;  ///< runs a second time for its gradients
};

struct ExecutorOptions {
  at::Device device = at::kCPU;
  at::ScalarType precision = at::kFloat;
  uint64_t seed = 1;
  graph::FrameRange range;
  size_t read_ahead = 4;           ///< frames
  size_t write_behind = 4;         ///< frames
  bool allows_not_finite = false;  ///< writers get values that are not finite, too
  Trace* trace = nullptr;
  const StopFlag* stop = nullptr;      ///< ends the wait for sources: tick(), decide_chunk() throw Stopped then
  const Learning* learning = nullptr;  ///< of training; must outlive the executor
  int64_t epoch = 0;                   ///< passes through the data that are over
  /// Further instances of the sources, each list by node: their clips are concatenated in the batch dimension.
  std::vector<std::vector<Node*>> more_clips;
};

/// Runs a plan, tick by tick, in a fixed order on one thread; sources and writers work in threads of their own.
///
/// Slots and windows are numbered when the executor is made. The inputs of a step are bound before each of its runs: to
/// the values that are present at this tick. A value stays in its slot until the last step that may read it has run.
///
/// Training runs a sequence in chunks: decide_chunk(), run_chunk(), the losses and gradients, then end_chunk().
/// All values of a chunk are kept until it ends.
class Executor {
 public:
  /// @param nodes  by node of the plan's graph; those that the plan does not run may be missing
  Executor(const graph::Plan& plan, std::vector<Node*> nodes, ExecutorOptions options, Log& log);
  ~Executor();

  /// Resets delays, static values and the states of nodes.
  /// @param lengths  frames of each step that is a source, where they are known (Timeline::begin)
  void begin_sequence(const Row& row, const std::vector<int64_t>& lengths = {});
  /// Runs one tick. @returns false when the sequence is over, and nothing was run
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  bool tick();
  /// Ends the sequence: writers finish. Sources end with the current frame, for which stop_reading() waits.
  void finish_sequence(Ending ending = Ending::Whole);
  /// Ends it after a failure: writers complete their files.
  void abandon_sequence() noexcept;

  /// Ends the reading ahead, so that the sources can move to the next sequence.
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  void stop_reading();
  /// Begins a sequence that is run in chunks of at most `ticks`; for an executor with Learning.
  void begin_chunks(const Row& row, const std::vector<int64_t>& lengths, int64_t ticks);
  /// Decides who runs at the next ticks and reads their frames.
  /// @returns up to how many of them a goal can run: fewer than `ticks` where the sequence ends; 0 when none can
  /// @throws Stopped  as tick(); what the chunk before left can still be carried()
  int64_t decide_chunk(int64_t ticks);
  /// Whether no goal can run in any further chunk.
  bool is_over() const { return timeline_.is_over(); }
  enum class Gradients { None, Kept };
  void run_chunk(Gradients gradients);
  /// Runs these steps (a list by step) over the same chunk again, from the states of nodes at its beginning.
  void run_again(const std::vector<char>& steps);
  /// The values of a goal of the plan in this chunk; empty when it was never present.
  /// @param goal  its node
  const std::vector<Value>& collected(int goal) const;
  /// The origin of the first value in this chunk that is not finite: "F.blend at t = 12 (image)"; empty if all are finite.
  std::string first_not_finite();
  /// Detaches the values that the next chunk reads, and releases all others.
  void end_chunk();
  /// The values that the next chunk reads, by name: values of slots and states of nodes.
  Archive::Entries carried() const;
  /// What of that does not fit this place in the data, a line each; after the chunks before it were decided and ended but
  /// not run.
  std::vector<std::string> differences(const Archive::Entries& entries);
  /// Puts it in the place of what the chunks so far left.
  void restore(const Archive::Entries& entries);

  /// The value of an input of the graph at the next t: the first push of a sequence is for t = 0.
  void push(const std::string& input, Value value);
  /// The value of a wanted stream at the last tick; empty when it was not present.
  const Value& wanted(const std::string& path) const;

  /// Number of frames of this sequence that a goal has processed; of several goals, the largest.
  int64_t frames_done() const { return frames_done_; }
  /// The t after the last frame of this sequence that a goal has processed.
  int64_t position() const { return position_; }
  /// "30 frames of [1, 1, 256, 512]": the frames of a source in this sequence.
  std::string source_text(int step) const;
  const graph::Timeline& timeline() const { return timeline_; }

 private:
  struct Unit;   ///< a step with its node and bound inputs
  struct Ring {  ///< the values of a slot
    std::vector<Value> values;
    std::vector<Value> elsewhere;  ///< the same values in the other memory, if a step needs them there
    Value folded;                  ///< of a folded step: its times together
    std::vector<int64_t> folded_at;
  };
  struct WindowUse {  ///< a window that one or more steps read at a tick
    Value value;
    Value detached;  ///< the same without gradients
    int last_step = 0;
  };

  void make_units(const std::vector<Node*>& nodes, Log& log);
  void make_readers(Unit& unit);
  void reset_sequence(const Row& row);
  void number_windows();
  void count_frame(Unit& goal);
  bool ask(int step, int64_t t);
  void close_readers();
  bool read_sources(Unit& unit, int64_t t);
  static void drop_pushed(Unit& unit, int64_t t);
  void run_step(Unit& unit);
  void carry_out(Unit& unit);
  void bind(Unit& unit);
  const Value* value_of(Unit& unit, const graph::Read& read, const graph::Alternative& alternative);
  const Value* frame_of(Unit& unit, const graph::Read& read, const graph::Alternative& alternative,
                        const graph::FrameRead& frame);
  const Value* zeros_of(Unit& unit, const graph::Read& read, bool inside_window);
  bool cuts_gradients(const graph::Alternative& alternative) const;
  void call(Unit& unit);
  void give(Unit& unit);
  void look_for_not_finite(const Unit& unit);
  [[noreturn]] void fail_to_write(Error error) const;
  void store(Unit& unit, int64_t t);
  void release(const Unit& unit);
  void learn_sizes(const Unit& unit);
  void check_sizes() const;
  std::string describe_inputs(const Unit& unit) const;
  Value& entry(int slot, int64_t t);

  using Ticks = std::vector<int64_t>;
  void run_level(int level, const std::vector<char>* only);
  void run_ticks(int level, const std::vector<char>* only);
  void run_folded(Unit& unit);
  void run_folded_at(Unit& unit, const Ticks& ticks);
  std::vector<char> present_inputs(const Unit& unit, int64_t tick);
  const Value* folded_input(Unit& unit, const graph::Read& read, const Ticks& ticks);
  const Value* known_fold(const Unit& unit, const graph::Read& read, const Ticks& ticks);
  void deal_out(Unit& unit, const Ticks& ticks);
  void drop_windows();
  void remember_states();
  void restore_states(const std::vector<char>& steps);
  void end_slot(size_t slot);
  /// The times whose values in a slot the next chunk reads.
  std::pair<int64_t, int64_t> carried_times(size_t slot) const;

  const graph::Plan& plan_;
  ExecutorOptions options_;
  graph::Timeline timeline_;
  Symbols symbols_;
  std::vector<std::unique_ptr<Unit>> units_;
  std::vector<Ring> rings_;
  std::map<const graph::Alternative*, int> window_numbers_;
  std::vector<WindowUse> windows_;
  std::map<std::string, int> pushed_;  ///< paths to steps
  std::map<int, int> wanted_;          ///< nodes of goals to steps
  graph::ChunkOrder order_;            ///< of training
  bool in_chunks_ = false;
  bool keeps_gradients_ = false;
  int64_t last_ended_ = 0;  ///< the last tick of the chunk that was ended last
  int64_t frames_done_ = 0, position_ = 0;
  std::string first_not_finite_;  ///< output and time of a network in this sequence; on a CPU alone
  std::string lane_ = kComputeLane;
};

}  // namespace weft::run
