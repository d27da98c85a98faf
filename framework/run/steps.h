#pragma once

#include "framework/graph/plan.h"
#include "framework/graph/timeline.h"
#include "framework/node/node.h"
#include "framework/run/binder.h"
#include "framework/run/data_sizes.h"
#include "framework/run/row.h"
#include "framework/run/sink_writer.h"
#include "framework/run/source_group.h"
#include "framework/run/source_reader.h"
#include "framework/run/trace.h"
#include "framework/run/value_store.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weft::run {

struct RunnerOptions {
  at::Device device = at::kCPU;
  at::ScalarType precision = at::kFloat;
  uint64_t seed = 1;
  graph::FrameRange range;
  size_t read_ahead = 4;           ///< frames
  size_t write_behind = 4;         ///< frames
  bool allows_not_finite = false;  ///< writers get values that are not finite, too
  Trace* trace = nullptr;
  const StopFlag* stop = nullptr;  ///< ends the wait for sources, with Stopped
  std::vector<char> trains;        ///< by step of the plan: runs in training mode; empty for a run
  int64_t epoch = 0;               ///< passes through the data that are over
};

/// What a step of a plan is for a runner.
enum class Role {
  Compute,
  Source,
  Sink,
  Hold,    ///< passes its input through: a stream that is made of its own past
  Pushed,  ///< an input of the graph that the program gives
  Wanted   ///< a goal that gives a value to the program
};

/// A step of a plan with its node.
struct StepUnit {
  int index = 0;
  const graph::Step* step = nullptr;
  const graph::FlatNode* description = nullptr;
  Role role = Role::Compute;
  Node* node = nullptr;  ///< nullptr for a source
  std::unique_ptr<Context> context;
  std::vector<std::unique_ptr<SourceReader>> readers;  ///< of a source: one for each row of its SourceGroup
  std::unique_ptr<SinkWriter> writer;                  ///< of a sink
  std::vector<Value> outputs;
  std::vector<Value> outputs_on_host;  ///< of a source on a GPU: the same on the CPU, for the nodes that work there
  std::deque<Value> pushed;
  int64_t first_pushed = 0;      ///< t of the first of them
  Value wanted;                  ///< of a goal, at the last tick
  std::vector<Value> collected;  ///< of a goal, in a chunk
  bool has_static = false;       ///< whether its static value was made
  int64_t given = 0;             ///< frames that a source gave, or a goal had, in this sequence
  std::string shape;             ///< of the first of them

  bool is_input() const { return role == Role::Source || role == Role::Pushed; }
  bool has_state() const { return node && description->spec->has_state; }
};

/// The steps of a plan with their nodes and values, and how one of them runs. In which order they run is up to a runner:
/// StreamRunner goes tick by tick, the ChunkRunner of training chunk by chunk.
///
/// Sources and writers work in threads of their own.
class Steps {
 public:
  /// @param nodes    by node of the plan's graph; sources and those that the plan does not run are missing
  /// @param sources  must outlive the object
  /// @param cut      of Binder
  Steps(const graph::Plan& plan, const graph::Timeline& timeline, const std::vector<Node*>& nodes,
        const SourceGroup& sources, RunnerOptions options, Binder::Cut cut, Log& log);

  std::vector<StepUnit>& all() { return units_; }
  const std::vector<StepUnit>& all() const { return units_; }
  StepUnit& at(int step) { return units_[static_cast<size_t>(step)]; }
  const StepUnit& at(int step) const { return units_[static_cast<size_t>(step)]; }
  /// The step of a goal that gives values to the program; nothing when the plan does not have it.
  const StepUnit* goal(int node) const;
  ValueStore& store() { return store_; }
  const ValueStore& store() const { return store_; }
  Binder& binder() { return binder_; }
  const DataSizes& sizes() const { return sizes_; }
  const RunnerOptions& options() const { return options_; }

  /// Resets delays, static values and the states of nodes; readers and writers begin.
  /// @param rows   that the sources have opened
  /// @param index  of this batch of sequences: random numbers follow from it
  void begin_sequence(const std::vector<Row>& rows, uint64_t index);
  /// The value of an input of the graph at the next t: the first push of a sequence is for t = 0.
  void push(const std::string& input, Value value);
  /// Drops the pushed frames before t, which no node needs.
  static void drop_pushed(StepUnit& unit, int64_t t);

  /// Takes the frame at t of a source or pushed input as the unit's outputs. @returns false when it has ended
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  bool take_frame(StepUnit& unit, int64_t t);
  /// The same for a static source, which must have a frame.
  void take_static(StepUnit& unit);
  /// Binds the inputs of a step and runs its node, or passes on what a node of the graph itself passes on.
  /// @param recomputes  the node keeps no intermediate values for gradients
  void compute(StepUnit& unit, bool recomputes);
  /// Runs the node on the inputs that are bound.
  void call(StepUnit& unit, bool recomputes);
  /// Moves the outputs of a step to the store.
  void store_outputs(StepUnit& unit, int64_t t);
  /// Does `work` for a step: what LibTorch throws in it becomes an error of the node.
  template <typename Work>
  void guarded(const StepUnit& unit, Work work) const;

  /// Ends the reading with the current frame, for which it does not wait.
  void close_readers();
  /// Ends the reading, so that the sources can move to the next sequence.
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  void stop_readers();
  /// "30 frames of [1, 1, 256, 512]": the frames of a source in this sequence.
  std::string source_text(int step) const;

 private:
  StepUnit make_unit(size_t index, const std::vector<Node*>& nodes, const SourceGroup& sources, Log& log);
  void make_readers(StepUnit& unit, const SourceGroup& sources);
  std::vector<std::vector<SourceReader::Output>> read_rows(StepUnit& unit, int64_t t);
  bool take_rows(StepUnit& unit, int64_t t);
  void find_slots_on_host();
  [[noreturn]] void fail(const StepUnit& unit) const;

  const graph::Plan& plan_;
  const graph::Timeline& timeline_;
  RunnerOptions options_;
  ValueStore store_;
  DataSizes sizes_;
  Binder binder_;
  std::vector<StepUnit> units_;
  std::vector<bool> is_on_host_;       ///< by slot, whether a node that works on the CPU reads it
  std::vector<size_t> places_;         ///< of the rows that run, among the readers of a source
  std::map<std::string, int> pushed_;  ///< paths to steps
  std::map<int, int> goals_;           ///< nodes of goals to steps
};

template <typename Work>
void Steps::guarded(const StepUnit& unit, Work work) const {
  try {
    work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception&) {
    fail(unit);
  }
}

}  // namespace weft::run
