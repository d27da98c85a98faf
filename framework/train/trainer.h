#pragma once

#include "framework/base/log.h"
#include "framework/node/factory.h"
#include "framework/train/chunk_runner.h"
#include "framework/train/chunk_trainer.h"
#include "framework/train/clip_loader.h"
#include "framework/train/learners.h"
#include "framework/train/learnt_state.h"
#include "framework/train/ranks.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::train {

struct TrainerOptions {
  at::Device device = at::kCPU;
  size_t read_ahead = 4;  ///< frames of each clip
  run::Trace* trace = nullptr;
  const run::StopFlag* stop = nullptr;  ///< ends the wait for sources: resume() and next() throw Stopped then
  std::shared_ptr<Ranks> ranks = std::make_shared<Ranks>();
};

/// The position of training in the data and in time; all counts are from 0.
struct Position {
  int64_t epoch = 0;  ///< over all stages
  int64_t clip = 0;   ///< of the epoch: the current batch of clips, or the next one
  int64_t chunk = 0;  ///< of the clip: the next one; 0 between clips
  int64_t clips = 0;  ///< batches of clips over all epochs
  int64_t step = 0;   ///< chunks over all epochs

  bool operator==(const Position&) const = default;
};

/// Trains the networks of one plan, chunk by chunk. One stage of training is one trainer.
class Trainer {
 public:
  /// @throws Error  when the plan has nothing to train, or nodes or weights cannot be made
  Trainer(graph::Plan plan, const NodeFactory& factory, TrainerOptions options, Log& log);
  ~Trainer();
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Begins a pass through the data. @param position  with the epoch; clip and chunk are set to 0
  void begin_epoch(Position position);
  /// What of a checkpoint does not fit, a line each: networks and updates by names, shapes, types and counts.
  std::vector<std::string> differences(const Archive::Entries& entries, const Position& position) const;
  /// Goes on where a checkpoint was made: in the middle of an epoch, perhaps of a clip.
  /// @returns what of it does not fit the data at that place, a line each; then nothing was taken
  std::vector<std::string> resume(const Position& position, const Archive::Entries& entries);
  /// Trains on the next chunk. @returns nothing when the epoch is over
  /// @throws Error  (Exit::NotFinite) before anything is changed by a loss or gradient that is not finite
  /// @throws Stopped  when training is asked to stop while a source is waited for; save() has all up to the chunk before
  std::optional<ChunkResult> next(graph::Progress progress);
  /// Trains on one clip from the program, for a graph whose data come through its [inputs].
  /// @param frames  by input, of the whole clip, from t = 0
  /// @param after_chunk  called after each
  void train_clip(const std::map<std::string, std::vector<Value>>& frames, graph::Progress progress,
                  const std::function<void(const ChunkResult&)>& after_chunk);
  /// Ends the epoch: sets the position to the beginning of the next one.
  void end_epoch();

  const Position& position() const { return position_; }
  /// Sets the position at which this trainer takes over.
  void set_position(const Position& position) { position_ = position; }
  const graph::Plan& plan() const { return plan_; }
  const ChunkRunner& runner() const { return *runner_; }
  LearntState& learnt() { return learnt_; }
  const LearntState& learnt() const { return learnt_; }
  /// The streams that [run] `show` and `best` name, by these names.
  const std::map<std::string, report::ShownStream>& watched() const { return chunks_.watched(); }
  /// Networks and updates as named tensors, with the values that the next chunk reads.
  Archive::Entries save() const;

 private:
  bool begin_clip();
  void open_clip(const std::map<std::string, std::vector<Value>>& frames = {});
  void end_clip();
  int64_t longest_chunk(const std::vector<int64_t>& lengths) const;
  int64_t warm_ticks() const { return learners_.first_time + plan_.lead; }
  std::optional<int64_t> decide();
  std::optional<ChunkResult> run_chunk(const graph::Progress& progress, int64_t times);

  graph::Plan plan_;
  const NodeFactory& factory_;
  TrainerOptions options_;
  Log& log_;
  Learners learners_;
  LearntState learnt_;
  ChunkTrainer chunks_;
  std::unique_ptr<ClipLoader> loader_;   ///< of this epoch
  std::unique_ptr<ChunkRunner> runner_;  ///< reads from the loader's sources
  Position position_;
  int64_t ticks_ = 0;  ///< of a chunk of the current clip
  bool has_clip_ = false;
};

}  // namespace weft::train
