#pragma once

#include "tests/graphs/clips.h"

#include <cstdint>
#include <string>
#include <vector>

namespace weft::testing {

using Settings = std::vector<std::string>;

/// A graph, what makes it small, and what it is to draw.
struct ShippedRun {
  std::string graph;
  Settings settings;
  int64_t height = 64, width = 128;
  int64_t frames = Clips::kFrames;  ///< in the video
  std::string drawn = "F.image";    ///< the stream of what networks drew
  int64_t drawn_frames = Clips::kFrames - 2;
  std::string writer = "video";  ///< the node that writes the video
};

/// Every graph that makes a video: the tiny twins as they are, and those with published weights on the same small scale.
const std::vector<ShippedRun>& shipped_runs();

/// Which clip a graph's parameters are to read, as far as it has them. The clips are drawn into `folder`.
Settings clips_for(const std::string& graph, const std::string& folder);

/// "tiny_street": the name of a test.
std::string test_name(const ShippedRun& run);

}  // namespace weft::testing
