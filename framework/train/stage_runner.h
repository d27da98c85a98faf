#pragma once

#include "framework/graph/check.h"
#include "framework/train/trainer.h"

#include <map>
#include <string>
#include <vector>

namespace weft::train {

/// Chunks of epochs, from which the time that is left is estimated.
struct EpochSteps {
  int64_t current = 0;
  int64_t last = 0;  ///< of the epoch before; 0 where there was none
};

/// Trains one stage of a graph: its epochs, chunk by chunk.
class StageRunner {
 public:
  /// @param stage  must outlive the runner
  StageRunner(const graph::Stage& stage, const NodeFactory& factory, const TrainerOptions& options, EpochSteps steps,
              Log& log);

  const graph::Stage& stage() const { return stage_; }
  Trainer& trainer() { return trainer_; }
  const Trainer& trainer() const { return trainer_; }
  /// Epochs of the stage that are over.
  int64_t epoch() const { return epoch_; }
  const EpochSteps& steps() const { return steps_; }

  /// Begins with what the stage before has learnt.
  /// @returns the tensors that it does not have, each with the reason
  std::vector<std::string> take_over(const Archive::Entries& earlier);
  /// Goes on where a checkpoint was made, after all of it was compared.
  /// @returns what of it does not fit, a line each; then nothing was taken
  std::vector<std::string> resume(const Position& position, int64_t epoch, const Archive::Entries& entries);

  enum class Event { Chunk, EpochEnd, StageEnd };
  /// Trains on the next chunk, or ends the epoch or stage.
  /// @param chunk  set at Event::Chunk
  /// @throws Error  (Exit::Data) when no chunk of an epoch has a loss; of Trainer::next
  Event next(const graph::Progress& progress, ChunkResult& chunk);

 private:
  const graph::Stage& stage_;
  Trainer trainer_;
  int64_t epoch_ = 0;
  EpochSteps steps_;
  bool has_epoch_ = false;  ///< whether one has begun
};

/// Entries under the paths that a stage gives them: what `carry` names comes from the path it names.
Archive::Entries carried_entries(const Archive::Entries& entries, const std::map<std::string, std::string>& carry);

}  // namespace weft::train
