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

/// Sources that give an example of a clip draw the clip for themselves, so that the example is none of its frames: by the same
/// parameters as the source of the clip. What belongs to one example is drawn by the same parameters too.
/// @param clip      a source that draws the clips; nullptr where all draw examples
/// @param examples  those that draw their examples, each with a parameter `example`
/// @throws Error  (Graph) with the first parameter that differs
void check_examples(const graph::FlatNode* clip, const std::vector<const graph::FlatNode*>& examples);

/// Of sources that draw from the same frames: whether they have drawn the same clip.
/// @param sources  those that draw clips, with the clip that they have opened
/// @throws Error  (Graph) when they have not, because their parameters differ
void check_same_clip(const std::vector<OpenSource>& sources);

}  // namespace weft::run
