#pragma once

#include "framework/graph/timeline.h"
#include "framework/run/steps.h"

#include <string>
#include <vector>

namespace weft::run {

/// Runs a plan tick by tick, in a fixed order on one thread. A value stays in its slot until the last step that may read
/// it has run, so the memory does not grow with the length of a sequence.
class StreamRunner {
 public:
  /// @param nodes    by node of the plan's graph; sources and those that the plan does not run are missing
  /// @param sources  must outlive the runner
  StreamRunner(const graph::Plan& plan, const std::vector<Node*>& nodes, const SourceGroup& sources,
               const RunnerOptions& options, Log& log);

  /// Resets delays, static values and the states of nodes.
  /// @param rows     that the sources have opened
  /// @param lengths  frames of each step that is a source, where they are known (Timeline::begin)
  void begin_sequence(const std::vector<Row>& rows, const std::vector<int64_t>& lengths = {});
  /// The value of an input of the graph at the next t: the first push of a sequence is for t = 0.
  void push(const std::string& input, Value value) { steps_.push(input, std::move(value)); }
  /// Runs one tick. @returns false when the sequence is over, and nothing was run
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  bool tick();
  /// The value of a wanted stream at the last tick; empty when it was not present.
  const Value& wanted(const std::string& path) const;
  /// Ends the sequence: writers finish. Sources end with the current frame, for which stop_reading() waits.
  void finish_sequence(Ending ending = Ending::Whole);
  /// Ends it after a failure: writers complete their files.
  void abandon_sequence() noexcept;
  /// Ends the reading ahead, so that the sources can move to the next sequence.
  /// @throws Stopped  when the run is asked to stop while a source is waited for
  void stop_reading() { steps_.stop_readers(); }

  /// Number of frames of this sequence that a goal has processed; of several goals, the largest.
  int64_t frames_done() const { return frames_done_; }
  /// The t after the last frame of this sequence that a goal has processed.
  int64_t position() const { return position_; }
  /// "30 frames of [1, 1, 256, 512]": the frames of a source in this sequence.
  std::string source_text(int step) const { return steps_.source_text(step); }

 private:
  void run_step(StepUnit& unit);
  void count_frame(StepUnit& goal);
  void release(const StepUnit& unit);
  void look_for_not_finite(const StepUnit& unit);
  template <typename Work>
  void writing(Work work) const;

  const graph::Plan& plan_;
  graph::Timeline timeline_;
  Steps steps_;
  int64_t frames_done_ = 0, position_ = 0;
  std::string first_not_finite_;  ///< output and time of a network in this sequence; on a CPU alone
};

}  // namespace weft::run
