#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace weft::flow {

/// A flow with how far each vector can be trusted.
struct FileFlow {
  at::Tensor flow;        ///< [2, H, W] float, x and y in pixels
  at::Tensor confidence;  ///< [1, H, W] float in [0, 1]
};

/// The content of a .flo file: `PIEH`, width, height, then x and y of each pixel as float32, row by row, all little-endian.
/// Source: Baker et al. 2007, "A Database and Evaluation Methodology for Optical Flow".
/// @param flow  [2, H, W]
std::string flo_bytes(const at::Tensor& flow);

/// Reads a .flo file. Vectors that it marks as unknown, above 1e9, are 0 with confidence 0; confidence is 1 elsewhere.
/// @throws Error  (Data) when it cannot be read, is no .flo file, or is shorter or longer than its header says
FileFlow read_flo(const std::string& file);

/// The content of a PGM file of 8 bits.
/// @param map  [1, H, W] in [0, 1]
std::string pgm_bytes(const at::Tensor& map);

/// Reads what pgm_bytes() makes.
/// @returns [1, height, width] float in [0, 1]
/// @throws Error  (Data) when it cannot be read, or is no such file of this size
at::Tensor read_pgm(const std::string& file, int64_t height, int64_t width);

}  // namespace weft::flow
