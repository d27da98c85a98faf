#pragma once

#include "framework/graph/check.h"
#include "framework/graph/interval.h"
#include "framework/report/event_file.h"
#include "framework/run/run_folder.h"
#include "framework/train/checkpoint.h"
#include "framework/train/progress.h"
#include "framework/train/report_writer.h"
#include "framework/train/trainer.h"

#include <atomic>
#include <exception>
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
  /// that is resumed log and curves are cut back to it, and what was saved after it is kept aside.
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
  void begin_stage(size_t stage, const Archive::Entries* earlier);
  void run_stage(size_t stage, Outcome& outcome);
  bool run_epoch(size_t stage, Outcome& outcome);
  void after_chunk(const ChunkResult& chunk, double seconds);
  graph::Progress progress() const;
  bool is_over() const { return steps_ > 0 && trainer_->position().step >= steps_; }
  bool should_stop() const { return options_.stop && options_.stop->load() != 0; }
  std::optional<int64_t> chunks_left() const;
  void save_if_due(bool epoch_ended);
  void save();
  void write_report(const std::string& state) const;
  void report_failure(const Error& failure) const;
  void save_not_finite();
  Checkpoint checkpoint() const;
  void add_pictures();
  void write_weights(const std::string& folder) const;
  void keep_best(const std::string& file);
  void remove_old() const;
  void load_checkpoint();
  void take_changes();
  std::string end_text() const;
  std::string way_on() const;
  void go_on();
  void find_best(bool goes_on);
  void check_finite();
  void read_settings();

  std::vector<graph::Stage> stages_;
  const NodeFactory& factory_;
  TrainingOptions options_;
  run::RunFolder* folder_ = nullptr;
  std::unique_ptr<report::EventFile> events_;
  run::Trace times_{run::Trace::Keeps::Sums};  ///< where the program asks for no trace
  std::unique_ptr<ReportWriter> report_;
  Log& log_;
  graph::Interval interval_;
  int64_t keep_ = 3;
  int64_t steps_ = 0;   ///< after which training ends; 0: after the epochs
  int64_t epochs_ = 0;  ///< of all stages
  std::string best_name_;
  double best_sign_ = 1;  ///< 1: the smaller the better
  std::optional<double> best_;
  int64_t best_step_ = -1;  ///< at which it was saved; below 0 where that is not known
  double watched_sum_ = 0;  ///< of it since the last checkpoint
  int64_t watched_count_ = 0;

  std::unique_ptr<Trainer> trainer_;
  std::optional<Checkpoint> resumed_;
  std::vector<std::string> changes_;  ///< of the graph since the checkpoint that is resumed
  size_t stage_ = 0;
  int64_t epoch_of_stage_ = 0;
  int64_t steps_of_epoch_ = 0, steps_of_last_epoch_ = 0;
  Clock::time_point saved_at_;
  ProgressLine progress_line_;
};

/// Entries under the paths that a stage gives them: what `carry` names comes from the path it names.
Archive::Entries carried_entries(const Archive::Entries& entries, const std::map<std::string, std::string>& carry);

}  // namespace weft::train
