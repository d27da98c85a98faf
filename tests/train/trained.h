#pragma once

#include "framework/graph/check.h"
#include "framework/train/trainer.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::train {

/// A trainer for a graph that is written in a test. Networks begin with the weights that their nodes name.
class Trained {
 public:
  /// @param content   the graph, without its first line
  /// @param settings  as --set takes them
  explicit Trained(const std::string& content, const std::vector<std::string>& settings = {});

  Trainer& trainer() { return *trainer_; }
  /// Trains through the whole of the data once. @returns what each chunk came to
  std::vector<ChunkResult> epoch(int64_t number = 0);
  /// The one number that a tensor has, by its name in checkpoints: "G/w".
  double number(const std::string& name) const;

 private:
  Log log_{Log::Level::Quiet};
  std::unique_ptr<Trainer> trainer_;
};

/// The stages of a graph that is written in a test.
std::vector<graph::Stage> stages_of(const std::string& content, const std::vector<std::string>& settings = {});
/// The plan for training of a graph that is written in a test.
graph::Plan plan_of(const std::string& content, const std::vector<std::string>& settings = {});

/// The value of a loss of an update in a chunk.
double loss_of(const ChunkResult& chunk, const std::string& update, const std::string& loss);

}  // namespace weft::train
