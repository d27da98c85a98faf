#pragma once

#include "framework/graph/chunk_order.h"
#include "framework/graph/timeline.h"
#include "framework/node/archive.h"
#include "framework/run/steps.h"

#include <string>
#include <utility>
#include <vector>

namespace weft::train {

/// How a plan learns; lists are by step of the plan.
struct Learning {
  int64_t bptt = 1;              ///< at times whose index in the chunk is a multiple of it, cycles carry no gradients
  std::vector<char> learns;      ///< runs with gradients: an updated network, or a node downstream of one
  std::vector<char> renews;      ///< static, but recomputed for each chunk
  std::vector<char> trains;      ///< runs in training mode: all steps but networks that no update changes
  std::vector<char> recomputes;  ///< runs a second time for its gradients
};

/// Runs a plan in chunks of ticks: decide(), run(), the losses and gradients, then end().
///
/// All values of a chunk are kept until it ends. A folded step runs once for all ticks of a chunk. Cycles carry gradients
/// over at most `bptt` frames (Williams and Peng 1990, truncated backpropagation through time).
class ChunkRunner {
 public:
  enum class Gradients { None, Kept };

  /// @param nodes     by node of the plan's graph; sources are missing
  /// @param sources   must outlive the runner
  /// @param learning  must outlive the runner
  ChunkRunner(const graph::Plan& plan, const std::vector<Node*>& nodes, const run::SourceGroup& sources,
              run::RunnerOptions options, const Learning& learning, Log& log);

  /// Begins a clip that is run in chunks of at most `ticks`.
  /// @param rows     the clips side by side that the sources have opened
  /// @param index    of this batch of clips: random numbers follow from it
  /// @param lengths  frames of each step that is a source, where they are known (Timeline::begin)
  void begin_clip(const std::vector<run::Row>& rows, uint64_t index, const std::vector<int64_t>& lengths,
                  int64_t ticks);
  /// The value of an input of the graph at the next t: the first push of a clip is for t = 0.
  void push(const std::string& input, Value value) { steps_.push(input, std::move(value)); }
  /// Decides who runs at the next ticks and reads their frames.
  /// @returns up to how many of them a goal can run: fewer than `ticks` where the clip ends; 0 when none can
  /// @throws Stopped  when the run is asked to stop while a source is waited for; what the chunk before left can still
  ///                  be carried()
  int64_t decide(int64_t ticks);
  /// Whether no goal can run in any further chunk.
  bool is_over() const { return timeline_.is_over(); }
  void run(Gradients gradients);
  /// Runs these steps (a list by step) over the same chunk again, from the states of nodes at its beginning.
  void run_again(const std::vector<char>& steps);
  /// The values of a goal of the plan in this chunk; empty when it was never present.
  /// @param goal  its node
  const std::vector<Value>& collected(int goal) const;
  /// The origin of the first value in this chunk that is not finite: "F.blend at t = 12 (image)"; empty if all are finite.
  std::string first_not_finite();
  /// Detaches the values that the next chunk reads, and releases all others.
  void end();
  /// Ends the reading ahead, so that the sources can move to the next clip.
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  void stop_reading() { steps_.stop_readers(); }

  /// The values that the next chunk reads, by name: values of slots and states of nodes.
  Archive::Entries carried() const;
  /// What of that does not fit this place in the data, a line each; after the chunks before it were decided and ended but
  /// not run.
  std::vector<std::string> differences(const Archive::Entries& entries);
  /// Puts it in the place of what the chunks so far left.
  void restore(const Archive::Entries& entries);

 private:
  using Ticks = std::vector<int64_t>;

  bool ask(int step, int64_t t);
  bool cuts_gradients(const graph::Alternative& alternative) const;
  bool is_in_pass(size_t step, int level, const std::vector<char>* only) const;
  void run_levels(const std::vector<char>* only);
  void run_ticks(int level, const std::vector<char>* only);
  void run_step(run::StepUnit& unit);
  void run_folded(run::StepUnit& unit);
  void run_folded_at(run::StepUnit& unit, const Ticks& ticks);
  std::vector<char> present_inputs(const run::StepUnit& unit, int64_t tick);
  const Value* folded_input(run::StepUnit& unit, const graph::Read& read, const Ticks& ticks);
  const Value* known_fold(const run::StepUnit& unit, const graph::Read& read, const Ticks& ticks);
  void deal_out(run::StepUnit& unit, const Ticks& ticks);
  void remember_states();
  void restore_states(const std::vector<char>& steps);
  void end_slot(int slot);
  void detach_state(run::StepUnit& unit);
  /// The first and last time whose values in a slot the next chunk reads.
  std::pair<int64_t, int64_t> carried_times(int slot) const;
  template <typename Visit>
  void for_each_carried(const Visit& visit) const;

  const graph::Plan& plan_;
  const Learning& learning_;
  graph::Timeline timeline_;
  graph::ChunkOrder order_;
  run::Steps steps_;
  std::vector<Archive::Entries> states_;  ///< by step: of its node when the chunk began
  bool keeps_gradients_ = false;
  int64_t last_ended_ = 0;  ///< the last tick of the chunk that was ended last
};

}  // namespace weft::train
