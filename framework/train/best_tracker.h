#pragma once

#include "framework/graph/run_settings.h"
#include "framework/train/trainer.h"

#include <map>
#include <optional>
#include <string>

namespace weft::train {

/// Which checkpoint is the best one, by the mean of a loss or metric since the checkpoint before it.
class BestTracker {
 public:
  /// @param by  nothing: no checkpoint is the best one
  explicit BestTracker(const std::optional<graph::BestBy>& by);

  void add(const ChunkResult& chunk);
  /// A checkpoint of this step is saved. @returns whether it is the best one so far
  bool judge(int64_t step);
  /// The step of the best checkpoint, where that is known; nothing when there is none.
  bool has_best() const { return best_.has_value(); }
  std::optional<int64_t> step() const { return step_; }
  void forget() { best_.reset(); }

  /// Adds what a resumed run needs to the numbers of a checkpoint.
  void save(std::map<std::string, double>& numbers) const;
  /// @param numbers  of a checkpoint that was read
  void load(const std::map<std::string, double>& numbers);

 private:
  std::string name_;
  double sign_ = 1;  ///< 1: the smaller the better
  std::optional<double> best_;
  std::optional<int64_t> step_;
  double sum_ = 0;  ///< since the last checkpoint
  int64_t count_ = 0;
};

}  // namespace weft::train
