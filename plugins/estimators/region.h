#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace weft::estimators {

using vision::Point;

/// A square of a frame, turned about its centre. Positions are pixels, whose centres are whole numbers.
struct Region {
  double x = 0, y = 0;  ///< centre
  double size = 0;      ///< side, in pixels
  double angle = 0;     ///< radians, clockwise as seen

  /// The position in the frame of a position (u, v) within the square, each from 0 to 1.
  Point place(double u, double v) const;
};

/// The smallest upright square around a frame of this size.
Region whole_frame(int64_t height, int64_t width);

/// The square whose centre is `centre`, with the line to `to` as its radius, times `scale`; turned so that the line points up.
/// Source: MediaPipe's documentation of its pose landmark model: the circle around hips and body.
Region region_on_line(Point centre, Point to, double scale);

/// The square around an upright box, times `scale`, turned so that the line from `first` to `second` is level.
/// Source: MediaPipe's documentation of its face mesh: the face turned upright by its eyes, enlarged 1.5 times.
Region region_of_box(Point least, Point most, Point first, Point second, double scale);

/// Intersection over union of two squares, as if they were upright.
double overlap(const Region& a, const Region& b);

/// What is seen in a region, interpolated bilinearly; black beyond the frame.
/// @param light  [1, 3, H, W] in [0, 1]
/// @returns [1, 3, size, size] in [0, 1]
at::Tensor crop(const at::Tensor& light, const Region& region, int64_t size);

}  // namespace weft::estimators
