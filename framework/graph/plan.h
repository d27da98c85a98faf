#pragma once

#include "framework/graph/typing.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace weft::graph {

inline constexpr int64_t kAlways = std::numeric_limits<int64_t>::max();

/// One place where a frame may come from: the slot's value `delay` frames before the reader's t, at t < `before` only.
struct Atom {
  static constexpr int kZeros = -1;
  int slot = kZeros;
  int64_t delay = 0;
  int64_t before = kAlways;
};

/// The frame of the first atom that is present.
struct FrameRead {
  std::vector<Atom> atoms;
};

/// One frame, or several that a node sees together; present when all its frames are. Of a window only the oldest frame is
/// kept: each of the others reads the same slots `step` frames later than the one before it.
struct Alternative {
  bool is_window = false;
  FrameRead oldest;
  int64_t frames = 1;
  int64_t step = 1;
  int64_t before = kAlways;

  /// An atom of the oldest frame, as the frame at `index` reads it.
  Atom atom_of(const Atom& oldest_atom, int64_t index) const;
  FrameRead frame(int64_t index) const;
};

/// What one wire brings: the first alternative that is present.
struct Read {
  std::vector<Alternative> alternatives;
  std::string text;        ///< as the graph writes it
  ValueType type;          ///< of the whole, for zeros
  bool is_needed = false;  ///< of a variadic input: it is present only where this read is
};

struct StepInput {
  PortSpec::Arity arity = PortSpec::Arity::One;
  std::vector<Read> reads;
};

/// The value `age` ticks old in a slot is not needed any more.
struct Release {
  int slot = 0;
  int64_t age = 0;
};

/// A node in the order in which a tick runs them.
struct Step {
  int node = 0;
  std::vector<StepInput> inputs;
  std::vector<int> slots;  ///< of each output; -1 when nothing reads it
  int64_t lead = 0;        ///< at tick k the node works on t = k + lead, so that later frames can be read
  bool is_goal = false;
  bool is_still = false;
  bool only_watches = false;      ///< of goals: nothing goes on for its sake
  std::vector<Release> releases;  ///< after the step
};

/// Where values of one output are kept: a ring of `length` frames.
struct Slot {
  int step = 0;
  int output = 0;
  int64_t length = 1;
  std::optional<int64_t> bytes;  ///< of one value, where its size is known
};

/// At which t a node runs: `begin`, `begin + step`, … `last`; relative to the end of the sources where `from_end`.
struct TimePiece {
  int64_t begin = 0, last = 0, step = 1;
  bool begin_from_end = false, last_from_end = false;
};

/// A node that can never run, and why.
struct NeverRuns {
  int node = 0;
  /// Why, when the cause is this node's own: an input that is never complete. Empty when an optional input of the
  /// graph is not wired or another node that never runs is the cause.
  std::string reason;
};

/// What a graph is checked for.
enum class Command {
  Run,    ///< the goals are writers and wanted streams
  Train,  ///< the goals are the losses of updates and watched streams
};

/// An executable order for a graph, the same every time it is made. Plans of one graph share it.
struct Plan {
  explicit Plan(std::shared_ptr<const TypedGraph> of) : typed(std::move(of)) {}

  std::shared_ptr<const TypedGraph> typed;
  const GoalGraph& graph = *typed->graph;
  const Typing& typing = typed->typing;
  std::vector<Step> steps;
  std::vector<Slot> slots;
  std::vector<std::vector<TimePiece>> times;  ///< by step
  int64_t lead = 0;                           ///< the largest
  int64_t reach = 0;                          ///< the longest delay
  int64_t kept = 0;                           ///< frames in all slots; above kMostKept there is nothing else but steps
  int64_t latency = 0;                        ///< no goal waits longer for its first frame: delays along a chain add up
  int64_t pause = 0;                          ///< ticks between two at which a goal can run, at most (rule 13)
  int64_t first_synthesised = 0;              ///< the first t at which a network runs; `multiple` counts from it
  bool ends = true;                           ///< whether the goals stop when the sources do
  std::optional<int64_t> peak_bytes;          ///< of the values between nodes, where sizes are known
  std::vector<int> reachable;                 ///< nodes that goals lead to
  std::vector<NeverRuns> never;               ///< those of them that are left out

  std::string slot_name(int slot) const;
  /// "t = 2 .. end", "t = 0, 1".
  std::string times_text(int step) const;
};

/// Frames that the slots of a plan may keep together.
inline constexpr int64_t kMostKept = 4'000'000;

/// The nodes of the goals of a command.
std::vector<int> goals_of(const GoalGraph& graph, Command command);
/// Those of training that are losses, without the streams that [run] `show` and `best` name.
std::vector<int> losses_of(const GoalGraph& graph);

/// Makes the plan for these goals; nodes that no goal needs are left out.
/// @param goals    nodes
/// @param command  training counts `every` within its chunks
Plan make_plan(std::shared_ptr<const TypedGraph> typed, const std::vector<int>& goals, Command command);
/// Makes the plan for all goals of a command.
Plan make_plan(const std::shared_ptr<const TypedGraph>& typed, Command command);

}  // namespace weft::graph
