#pragma once

#include <cstdint>
#include <string>

namespace weft::testing {

/// Short clips of everything that the graphs read, drawn by rules, in folders below `folder`.
struct Clips {
  static constexpr int64_t kFrames = 6, kHeight = 64, kWidth = 128;

  explicit Clips(const std::string& folder, int64_t frames = kFrames);

  std::string labels;     ///< a car that drives along a road; Cityscapes' ids
  std::string instances;  ///< the car is 1
  std::string images;
  std::string densepose;  ///< a person that is one part
  std::string openpose;   ///< one who stands, with arms and legs that are lines
  std::string landmarks;  ///< of a face that moves to the right
};

}  // namespace weft::testing
