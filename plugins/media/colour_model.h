#pragma once

#include "plugins/media/libav.h"

#include <array>
#include <string>

namespace weft::media {

/// How the numbers in a frame become red, green and blue, each in [-1, 1].
///
/// With Y, U and V as they are stored, before they are cut off to [-1, 1]:
///
///   red   = scale * Y + offset + u[0] * (U - middle) + v[0] * (V - middle)
///
/// and so for green with u[1], v[1] and blue with u[2], v[2]. Of frames that are stored in RGB, scale and offset
/// hold for each of the three, and u and v are 0.
struct ColourModel {
  bool is_rgb = false;
  bool is_grey = false;
  int depth = 8;  ///< bits of a number
  float scale = 0, offset = 0, middle = 0;
  std::array<float, 3> u{}, v{};
};

/// Reads matrix and range from the frame's tags. Missing, reserved and unknown ones are guessed, as players do:
///
///   matrix  BT.709 from 1280 columns or 577 rows on, BT.601 below; JPEG: BT.601
///   range   full of RGB, grey and JPEG, limited of all else
///
/// Transfer and primaries are left as they are.
///
/// Source: ITU-T H.273, section 8.3 (matrices) and equations 20 to 37 (ranges).
/// @param name  of the file, for messages
/// @throws Error  (Data) when the matrix is one that is not linear
ColourModel colour_model(const AVFrame& frame, const std::string& name);

}  // namespace weft::media
