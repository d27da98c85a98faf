#pragma once

#include "plugins/world/stage.h"

#include <array>
#include <cstdint>
#include <vector>

namespace weft::world {

/// Where in a pixel is looked, from its centre.
struct SamplePoint {
  float x, y;
};

/// The centre, which labels, depth and flow are of, and eight points of which no two share a row or a column, of which
/// colours are made.
constexpr std::array<SamplePoint, 9> kSamples = {{{0, 0},
                                                  {0.0625F, -0.1875F},
                                                  {-0.0625F, 0.1875F},
                                                  {0.3125F, 0.0625F},
                                                  {-0.1875F, -0.3125F},
                                                  {-0.3125F, 0.3125F},
                                                  {-0.4375F, -0.0625F},
                                                  {0.1875F, 0.4375F},
                                                  {0.4375F, -0.4375F}}};

/// How far samples lie above and below the centre.
constexpr float kSampleReach = 0.4375F;

/// Some rows of a picture: which surface is the nearest one, at each sample point of each pixel.
class Band {
 public:
  /// @param samples  1 for the centres alone, or all of kSamples
  Band(int width, int rows, size_t samples);

  /// Begins with the rows from `top`, without any surface.
  void begin(int top);
  void draw(const Stage& stage, int32_t index);

  /// The surface at a sample of each pixel of a row of the picture, or -1.
  const int32_t* row(size_t sample, int y) const { return &nearest_[offset(sample, y)]; }

 private:
  size_t offset(size_t sample, int y) const {
    return (sample * static_cast<size_t>(rows_) + static_cast<size_t>(y - top_)) * static_cast<size_t>(width_);
  }

  int width_, rows_, top_ = 0;
  size_t samples_;
  std::vector<float> inverse_depth_;
  std::vector<int32_t> nearest_;
};

}  // namespace weft::world
