#pragma once

#include "framework/graph/check.h"
#include "framework/train/stage_runner.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weft::train {

/// What an epoch of a stage comes to, as far as the graph tells.
struct EpochSize {
  double frames = 0;    ///< of a clip; 0 where that is not known
  double chunks = 1;    ///< of a clip
  std::string sources;  ///< what is read, but for the length of its clips

  /// Whether an epoch of both has the same clips, longer or shorter ones.
  bool has_clips_of(const EpochSize& other) const { return sources == other.sources; }
  /// How long its clips are beside those of another.
  double length_of(const EpochSize& other) const { return frames > 0 && other.frames > 0 ? frames / other.frames : 1; }
};

EpochSize epoch_size(const graph::Stage& stage);

/// Where a training stands.
struct EpochsLeft {
  size_t stage = 0;
  int64_t epochs = 0;  ///< of all stages, with the current one
};

/// Chunks that are left, at the pace of this stage: those of a later one count by the frames of their clips, which may be
/// as many. Nothing where that is not known: in a first epoch, and before a stage whose epochs have other clips.
/// @param sizes  of `stages`
std::optional<int64_t> chunks_left(const std::vector<graph::Stage>& stages, const std::vector<EpochSize>& sizes,
                                   const EpochsLeft& left, const EpochSteps& steps);

/// The chunks of the last epoch, as the next stage would have them; 0 where that is not known.
int64_t steps_of_next(const EpochSize& last, const EpochSize& next, int64_t steps);

}  // namespace weft::train
