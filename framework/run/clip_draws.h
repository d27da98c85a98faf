#pragma once

#include "framework/graph/flat_graph.h"
#include "framework/run/frame_pairs.h"

#include <string>
#include <vector>

namespace weft::run {

/// A source that draws clips at random in training, and what it draws them from.
struct ClipSource {
  const graph::FlatNode* description = nullptr;
  std::vector<std::string> sequences;            ///< their names, if they are known
  std::vector<std::vector<std::string>> frames;  ///< names, by sequence
};

/// Each source draws its clips for itself. They are the same clips only where all sources have the same frames in each
/// sequence, by the numbers in their names, by the names where those have none that rise, or else as many.
/// @throws Error  (Data) with the first frames that have no partner
void check_frames_to_draw(const std::vector<ClipSource>& sources, graph::RunSettings::Pair pair);

/// Of sources that draw from the same frames: whether they have drawn the same clip.
/// @param sources  those that draw clips, with the clip that they have opened
/// @throws Error  (Graph) when they have not, because their parameters differ
void check_same_clip(const std::vector<OpenSource>& sources);

}  // namespace weft::run
