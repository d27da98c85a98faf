#pragma once

#include "framework/graph/check.h"
#include "framework/graph/interval.h"
#include "framework/run/run_folder.h"
#include "framework/train/best_tracker.h"
#include "framework/train/checkpoint.h"
#include "framework/train/checkpoint_store.h"
#include "framework/train/gradient_watch.h"
#include "framework/train/progress.h"
#include "framework/train/run_record.h"
#include "framework/train/stage_runner.h"
#include "framework/train/time_left.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::train {

struct TrainingOptions {
  TrainerOptions trainer;
  std::string resume;                   ///< a checkpoint; empty: from the beginning
  bool takes_changes = false;           ///< go on under other rates and weights of losses than the checkpoint's
  const run::StopFlag* stop = nullptr;  ///< not 0: save after the current chunk, or while one is waited for, and end
  bool shows_progress = false;
};

/// What training came to.
struct Outcome {
  int64_t steps = 0;  ///< in this run
  int64_t frames = 0;
  double seconds = 0;
  bool was_stopped = false;
  std::string end;  ///< which setting ended training: "`epochs` = 2"; empty when it was stopped
};

/// Trains all stages of a graph, one after the other, and keeps checkpoints.
class Training {
 public:
  /// @param stages  of a graph that was checked
  /// @throws Error  (Exit::Data) when the checkpoint to resume is missing, damaged, of another graph, of other rates unless
  ///                these are to be taken, or does not fit this one in every name, shape, type and count
  Training(std::vector<graph::Stage> stages, const NodeFactory& factory, TrainingOptions options, Log& log);
  ~Training();

  /// Where checkpoints, trained weights, log and curves go; without it nothing is written. In the folder of the checkpoint
  /// that is resumed log and curves are cut back to it, and what was saved after it is kept aside. Of processes that train
  /// together only the first writes.
  void keep_in(run::RunFolder& folder);
  /// How long files of the run folder were when the checkpoint that is resumed was made.
  std::map<std::string, int64_t> resumed_files() const;

  /// @throws Error  what went wrong; what was saved before is whole. After a loss that is not finite the networks and
  ///                optimisers as they were before it are in `not-finite.safetensors`
  Outcome run();
  /// One chunk of each stage at full size, of which nothing is kept.
  /// @returns what was seen, a line each: stage, frames, seconds, memory
  std::vector<std::string> dry_run();

 private:
  using Clock = std::chrono::steady_clock;

  Outcome run_stages();
  void begin_stage(size_t stage);
  void run_stage(Outcome& outcome);
  void after_chunk(const ChunkResult& chunk, double seconds);
  const Trainer& trainer() const { return runner_->trainer(); }
  graph::Progress progress() const;
  Standing standing() const;
  std::optional<int64_t> chunks_left() const;
  bool is_over() const { return steps_ > 0 && trainer().position().step >= steps_; }
  bool should_stop() const { return options_.stop && options_.stop->load() != 0; }
  void save_if_due(bool epoch_ended);
  void save();
  void tell_state(const std::string& state);
  Checkpoint checkpoint() const;
  void save_not_finite();
  void check_finite();
  Error with_way_out(Error failure) const;
  void load_checkpoint();
  void take_changes();
  std::string end_text() const;
  std::string way_on() const;
  void go_on();
  void find_best(bool goes_on);

  std::vector<graph::Stage> stages_;
  const NodeFactory& factory_;
  TrainingOptions options_;
  run::RunFolder* folder_ = nullptr;
  run::Trace times_{run::Trace::Keeps::Sums};  ///< where the program asks for no trace
  Log& log_;
  graph::Interval interval_;
  std::vector<EpochSize> sizes_;  ///< of each stage
  int64_t steps_ = 0;             ///< after which training ends; 0: after the epochs
  int64_t epochs_ = 0;            ///< of all stages

  BestTracker best_;
  std::unique_ptr<CheckpointStore> store_;  ///< of the run folder
  std::unique_ptr<RunRecord> record_;
  ProgressLine progress_line_;
  GradientWatch gradient_watch_;
  std::vector<TrainingObserver*> observers_;

  std::unique_ptr<StageRunner> runner_;
  size_t stage_ = 0;
  std::optional<Checkpoint> resumed_;
  std::vector<std::string> changes_;  ///< of the graph since the checkpoint that is resumed
  Clock::time_point saved_at_;
};

}  // namespace weft::train
