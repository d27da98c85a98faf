#pragma once

#include "framework/graph/plan.h"
#include "framework/report/shown_stream.h"
#include "framework/run/trace.h"
#include "framework/train/chunk_runner.h"
#include "framework/train/learners.h"
#include "framework/train/ranks.h"
#include "framework/train/update.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weft::train {

/// The result of an update in a chunk.
struct UpdateResult {
  std::string name;
  struct Loss {
    std::string name;
    double weight = 0;
    std::optional<double> value;  ///< without the weight; nothing when it was never present
  };
  std::vector<Loss> losses;
  double total = 0;
  double rate = 0;
  std::optional<double> gradient_norm;  ///< nothing when it took no gradients
};

struct ChunkResult {
  int64_t step = 0;
  int64_t frames = 0;  ///< times at which there could be losses, in all clips
  std::string clip;    ///< the name of the first one in the batch
  std::vector<UpdateResult> updates;
  std::map<std::string, double> watched;  ///< means of the scalars that [run] `show` and `best` name
};

/// Trains on one chunk after the other: its passes, the gradients of the updates in their order, their steps.
class ChunkTrainer {
 public:
  using Updates = std::vector<std::unique_ptr<Update>>;

  /// All of these must outlive the trainer.
  ChunkTrainer(const graph::Plan& plan, const Learners& learners, const Updates& updates, Ranks& ranks,
               run::Trace* trace);

  /// Trains on the chunk that the runner has decided.
  /// @param result  with step, frames and clip; updates and watched scalars are added
  /// @throws Error  (Exit::NotFinite) before anything is changed by a loss or gradient that is not finite
  void train(ChunkRunner& runner, const graph::Progress& progress, ChunkResult& result);

  /// The streams that [run] `show` and `best` name, by these names.
  const std::map<std::string, report::ShownStream>& watched() const { return watched_; }

 private:
  void watch(const ChunkRunner& runner, ChunkResult& result);
  std::vector<size_t> order_of_updates(int64_t step) const;
  std::vector<char> steps_to_run_again(const std::vector<size_t>& order, size_t turn) const;
  UpdateResult take_gradients(Update& update, ChunkRunner& runner, const ChunkResult& chunk,
                              const graph::Progress& progress, Update::Graph graph);
  void check_finite(const UpdateResult& result, ChunkRunner& runner, const ChunkResult& chunk);
  void make_step(Update& update, const graph::Progress& progress, int64_t step);

  const graph::Plan& plan_;
  const Learners& learners_;
  const Updates& updates_;
  Ranks& ranks_;
  run::Trace* trace_;
  graph::UpdateMode mode_;
  std::map<std::string, report::ShownStream> watched_;
  std::vector<size_t> stepped_;  ///< updates that have made their step since the last pass
};

}  // namespace weft::train
