#pragma once

#include "framework/train/trainer.h"

#include <optional>
#include <string>

namespace weft::train {

/// How far training has come.
struct Standing {
  const Trainer& trainer;
  const std::string& stage;  ///< its name; may be empty
  graph::Progress progress;
  std::optional<int64_t> chunks_left;  ///< nothing where it is not known
};

/// Is told what happens in training: the log, curves, the report, the line on the terminal.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  /// @param seconds  that the chunk took
  virtual void chunk(const ChunkResult& chunk, double seconds, const Standing& standing) = 0;
  /// A checkpoint is about to be written.
  virtual void saving(const Standing&) {}
  /// @param state  how training stands, such as "training goes on", "done" or "failed: …"
  virtual void state(const std::string& state, const Standing& standing) = 0;
};

}  // namespace weft::train
