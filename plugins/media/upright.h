#pragma once

#include "plugins/media/load_size.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace weft::media {

/// How a stored frame is turned or mirrored to be seen upright: rows and columns change places first.
struct Turn {
  bool swaps_sides = false;
  bool flips_rows = false;
  bool flips_columns = false;

  bool is_none() const { return !swaps_sides && !flips_rows && !flips_columns; }
};

/// The turn that a file's display matrix asks for.
/// @param matrix  nine numbers as libav keeps them, or nullptr
/// @throws Error  (Data) when the angle is no multiple of 90 degrees
Turn turn_of(const int32_t* matrix, const std::string& name);

/// The frame as it is seen. @param maps  [..., H, W]
at::Tensor turned(const at::Tensor& maps, const Turn& turn);

/// The size of a frame as it is seen, with square pixels: the height stays, the width is the displayed one.
/// @param stored  rows and columns
/// @param aspect  the width of a stored pixel, as a part of its height
Size upright_size(Size stored, double aspect, const Turn& turn);

}  // namespace weft::media
