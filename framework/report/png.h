#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weft::report {

/// A picture as the bytes of a PNG: [H, W, 3] uint8.
/// @param picture  [3, H, W] float, RGB in [-1, 1]; on any device
at::Tensor picture_bytes(const at::Tensor& picture);

/// The lines of a picture, filtered for good compression and compressed as in PNG.
/// @param bytes  [H, W, 3] uint8, contiguous, on the CPU
std::string compressed_lines(const at::Tensor& bytes);

/// Pictures as an endlessly repeated animated PNG, which browsers play. One picture gives a plain PNG.
///
/// Source: the PNG specification, third edition (W3C 2025), sections 9, 10 and 11.3.6.
/// @param lines  of each picture, by compressed_lines(); at least one
std::string animated_png(int64_t height, int64_t width, const std::vector<std::string>& lines,
                         double frames_per_second);

/// A picture as a PNG file.
/// @param picture  [3, H, W] float, RGB in [-1, 1]; on any device
std::string png_of(const at::Tensor& picture);

}  // namespace weft::report
