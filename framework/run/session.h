#pragma once

#include "framework/base/log.h"
#include "framework/base/status_line.h"
#include "framework/graph/check.h"
#include "framework/node/factory.h"
#include "framework/run/nodes.h"
#include "framework/run/outputs.h"
#include "framework/run/sequences.h"
#include "framework/run/source_group.h"
#include "framework/run/source_needs.h"
#include "framework/run/stream_runner.h"
#include "framework/run/weights.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace weft::run {

struct SessionOptions {
  at::Device device = at::kCPU;
  graph::FrameRange range;           ///< frames that are wanted; earlier ones are computed where a later one needs them
  std::optional<int64_t> sequences;  ///< at most so many, or up to a batch more
  size_t read_ahead = 4;             ///< frames
  size_t write_behind = 4;           ///< frames
  bool allows_not_finite = false;    ///< values that are not finite are written, too; otherwise they end the run
  Trace* trace = nullptr;
  const StopFlag* stop = nullptr;  ///< not 0: stop after the current frame, or while a source is waited for
  Existing existing = Existing::Refuse;
  bool shows_progress = false;
  std::vector<SourceNeed> needs;  ///< by node, of a larger graph that this is a part of; empty: those of the plan
  bool draws_clips = false;       ///< sources that can draw clips at random do so, as in the first epoch of training
  bool loads_weights = true;      ///< false: the networks are made without weights, to list their tensors
};

/// The results of a run.
struct Summary {
  int64_t frames = 0;
  int64_t sequences = 0;
  int64_t passed_over = 0;           ///< sequences that were finished before
  std::vector<std::string> outputs;  ///< files that were finished, in order; of folders the pattern of their files
  double seconds = 0;
  bool was_stopped = false;
};

/// A graph that can be run: nodes made, weights loaded.
///
/// Whole runs call run(). A program that gives and takes frames itself calls begin(), then push(), step() and
/// pull() for each frame, then end().
class Session {
 public:
  /// Makes the nodes of the run's plan and loads their weights.
  /// @throws Error  when the graph has no goals, or nodes or weights cannot be made
  Session(graph::Checked checked, const NodeFactory& factory, SessionOptions options, Log& log);
  /// Reads and checks `file` first.
  /// @throws Error  (Exit::Graph) with all that is wrong with it
  Session(const std::string& file, const graph::CheckOptions& check, const NodeFactory& factory, SessionOptions options,
          Log& log);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Checks whether the outputs of this run can be written (Outputs::check). Sequences whose names are not known beforehand are checked when they begin.
  /// @throws Error  naming the first that cannot
  void check_outputs();
  /// Runs all sequences of the sources to their end, after check_outputs().
  /// @throws Error  of the failure; files written before are usable
  Summary run();

  /// Begins a sequence: the next one of the sources, where the graph has any.
  void begin(const std::string& sequence = "");
  /// Gives the next frame of an input of the graph; the first of a sequence is that of t = 0. It may be on any device, and
  /// is copied to that of the run where it is elsewhere.
  void push(const std::string& input, Value value);
  /// Computes one frame. @returns false when the goals need nothing more, or the run was asked to stop while a source was
  /// waited for; nothing was computed then
  bool step();
  /// The value of a wanted stream at this frame; empty where it is not present.
  const Value& pull(const std::string& path) const;
  void end();
  /// After the last sequence: writers give their numbers of the whole set. run() does it by itself.
  void complete();

  /// "labels: 30 frames of [1, 1, 256, 512]" for each source that was read.
  std::vector<std::string> source_lines() const;

  const graph::Plan& plan() const { return *checked_.run; }
  const graph::Checked& checked() const { return checked_; }
  const std::vector<WeightGroup>& weights() const { return weights_; }
  const StreamRunner& runner() const { return *runner_; }

 private:
  void load(const NodeFactory& factory);
  Context context_for(const std::string& node) const;
  Context context_for_sources() const;
  void find_writers();
  std::vector<Row> next_rows();
  void start(std::vector<Row> rows);
  std::optional<int64_t> frames_in_hand(const std::vector<Row>& rows) const;
  void run_sequences(std::vector<Row> rows, Summary& summary);
  void show_progress(const Summary& summary, std::optional<int64_t> total, double seconds);

  graph::Checked checked_;
  SessionOptions options_;
  Log& log_;
  Nodes nodes_;
  std::vector<WeightGroup> weights_;
  SourceGroup sources_;
  Sequences sequences_;
  std::unique_ptr<StreamRunner> runner_;
  std::unique_ptr<Outputs> outputs_;
  uint64_t pushed_sequences_ = 0;  ///< that were begun without sources
  bool was_stopped_ = false;       ///< while a source was waited for
  StatusLine status_;
  Patience patience_;  ///< the last one: it waits for what uses the others
};

}  // namespace weft::run
