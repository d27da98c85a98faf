#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weft::world {

/// A point in the picture: pixels from the centre of the first one, and 1 / depth.
struct Dot {
  float x = 0, y = 0, inverse_depth = 0;
};

/// Sample points of a pixel: the centre, which all maps but the image are of, and seven more, of which no two share a row or
/// a column.
constexpr size_t kLooks = 8;

/// Some rows of a picture: which triangle is the nearest one, at each sample point of each pixel.
class Coverage {
 public:
  Coverage(int width, int rows);

  /// Begins with the rows from `top`, without any triangle.
  void begin(int top);
  /// @param looks  how many of the sample points matter: 1, the centre, or kLooks
  void draw(const std::array<Dot, 3>& corners, int32_t index, size_t looks);

  /// The triangles at all samples of a pixel, or -1.
  const int32_t* at(int x, int y) const { return &nearest_[offset(x, y)]; }
  /// 1 / depth at the same places; 0 where no triangle is.
  const float* inverse_depth(int x, int y) const { return &inverse_depth_[offset(x, y)]; }

 private:
  size_t offset(int x, int y) const {
    return (static_cast<size_t>(y - top_) * static_cast<size_t>(width_) + static_cast<size_t>(x)) * kLooks;
  }

  int width_, rows_, top_ = 0;
  std::vector<float> inverse_depth_;
  std::vector<int32_t> nearest_;
};

/// Where sample `look` is in its pixel, from the centre.
float look_x(size_t look);
float look_y(size_t look);

}  // namespace weft::world
