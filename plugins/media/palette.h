#pragma once

#include "plugins/media/load_size.h"

#include <array>
#include <cstdint>
#include <vector>

namespace weft::media {

/// The colours that represent those of a picture: the same ones where there are at most 256, otherwise means of boxes
/// of colours, of which the one with the largest squared error is cut in two again and again.
///
/// Source: P. Heckbert 1982, "Color image quantization for frame buffer display", and X. Wu 1991, "Efficient
/// statistical computations for optimal color quantization" (the criterion of the cut).
class Palette {
 public:
  using Colour = std::array<uint8_t, 3>;

  /// @param rgb     [pixels, 3]
  explicit Palette(const uint8_t* rgb, int64_t pixels);

  const std::vector<Colour>& colours() const { return colours_; }

  /// Writes the index of a colour for each pixel. Where colours had to be left out, pixels are moved first by a
  /// threshold that depends on their place alone, so that static parts of a video do not flicker.
  /// @param rgb      [H, W, 3]
  /// @param indices  [H, row_bytes]
  void dither(const uint8_t* rgb, Size size, uint8_t* indices, int64_t row_bytes) const;

 private:
  uint8_t nearest(const std::array<int, 3>& colour) const;

  std::vector<Colour> colours_;  ///< sorted, where they are exact
  bool is_exact_ = false;
  int spread_ = 0;  ///< the width of the thresholds
};

}  // namespace weft::media
