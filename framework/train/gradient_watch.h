#pragma once

#include "framework/base/log.h"
#include "framework/train/training_observer.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

namespace weft::train {

/// The last gradients of an update, and what its losses were.
class GradientHistory {
 public:
  /// How many times as large as before something has become, by medians.
  struct Jump {
    double gradient = 1, total = 1;
    double usual = 0;  ///< the norm of the gradient before
  };

  /// Longer clips and other losses have other gradients.
  void begin_stage();
  /// @param norm   of the gradient of all parameters, at least 0
  /// @param total  the weighted sum of the losses
  /// @returns a jump of the gradient that the losses follow, over several steps, to more than at the beginning of the
  ///          training: gradients that grow while losses fall, and a single large one, are none
  std::optional<Jump> add(double norm, double total);

 private:
  std::deque<double> norms_, totals_;  ///< of the stage
  std::deque<double> first_;           ///< norms, of the training
};

/// Warns, once for each update without `clip`, when its gradients jump: networks that read their own frames many times
/// over may lose in a few steps what they have learnt, and learn it again only slowly.
class GradientWatch final : public TrainingObserver {
 public:
  explicit GradientWatch(Log& log) : log_(log) {}

  void chunk(const ChunkResult& chunk, double seconds, const Standing& standing) override;
  void state(const std::string&, const Standing&) override {}

 private:
  struct Watched {
    GradientHistory history;
    int64_t chunks = 0;
    bool is_told = false;
  };

  Log& log_;
  std::string stage_;
  std::map<std::string, Watched> updates_;
};

}  // namespace weft::train
