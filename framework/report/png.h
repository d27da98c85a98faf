#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace weft::report {

/// A picture as a PNG file.
/// @param picture  [3, H, W] float, RGB in [-1, 1]; on any device
std::string png_of(const at::Tensor& picture);

/// PNG files of pictures of one size as an endlessly repeated animated PNG, which browsers play. One picture stays what it is.
///
/// Source: the PNG specification, third edition (W3C 2025), sections 5.6 and 11.3.6.
/// @param pictures  by png_of(); at least one
std::string animated_png(const std::vector<std::string>& pictures, double frames_per_second);

}  // namespace weft::report
