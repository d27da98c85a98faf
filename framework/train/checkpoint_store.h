#pragma once

#include "framework/train/checkpoint.h"
#include "framework/train/learnt_state.h"

#include <optional>
#include <string>

namespace weft::train {

/// The checkpoints of a run folder, and the trained weights beside them.
///
/// A checkpoint has its place before an older one loses its own.
class CheckpointStore {
 public:
  /// @param folder  of the run
  /// @param keep    checkpoints, besides the best one and files that persons have named
  CheckpointStore(const std::string& folder, int64_t keep);

  /// Writes a checkpoint, which becomes the newest, and the weights of its networks.
  /// @param is_best  it is kept as the best one, too
  /// @throws Error  (Exit::Failed) when it cannot be written; those before it stay
  void save(const Checkpoint& checkpoint, const LearntState& learnt, bool is_best);
  /// Keeps a checkpoint of the folder as the best one.
  void keep_best(const std::string& file, const LearntState& learnt);
  /// Writes the trained weights into `name` of the run folder.
  void write_weights(const std::string& name, const LearntState& learnt) const;
  /// Writes a checkpoint that cannot be resumed, for a look at what went wrong. @returns its file
  std::string save_not_finite(const Checkpoint& checkpoint);
  /// The step of the best checkpoint, by its file.
  std::optional<int64_t> best_step() const;
  bool is_empty() const;

 private:
  std::string path_of(const std::string& name) const;
  void remove_old() const;

  std::string folder_;
  int64_t keep_;
};

}  // namespace weft::train
