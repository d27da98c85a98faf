#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weft::testing {

/// What a player finds in a video file.
struct Film {
  int width = 0;
  int height = 0;
  double frames_per_second = 0;
  double start = 0;  ///< of the first frame, in seconds
  bool is_bt709 = false;
  bool is_limited_range = false;
  /// The pixel in the middle of each frame: Y, Cb, Cr; empty where the frame is not stored as those, in 4:2:0.
  std::vector<std::vector<int>> middles;

  size_t frames() const { return middles.size(); }
};

/// Plays a video to its end; no frames when it cannot be opened.
Film play(const std::string& file);

/// The types of the boxes at the top of an MP4, in order: "ftyp", "moov", ...
std::vector<std::string> boxes_of(const std::string& file);

}  // namespace weft::testing
