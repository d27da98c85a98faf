#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace weft::media {

/// Optical flow from a file, and where the file knows it.
struct FlowFile {
  at::Tensor flow;   ///< [1, 2, H, W] float, pixels, (x, y); 0 where unknown
  at::Tensor valid;  ///< [1, 1, H, W] float: 1 where the flow is known
};

/// Reads optical flow, by the beginning of the file:
///
///   .flo  Middlebury's flow: float32; numbers beyond 1e9 and NaN are unknown
///   .png  KITTI's: RGB of 16 bits, (number - 2^15) / 64 pixels; the third channel is 0 where unknown
///   .pfm  three channels: flow x and y; one channel: a disparity d of the left image, as Middlebury's stereo, which is the
///         flow (-d, 0) to the right image; infinite and NaN are unknown
///
/// Source: Baker et al. 2011; Menze and Geiger 2015; Scharstein et al. 2014.
/// @param file  the name for messages
/// @throws Error  (Data) when it is none of these, cut short, too long, or has no possible size
FlowFile decode_flow(std::string_view bytes, const std::string& file);

/// A file of the format that an ending stands for: ".flo", ".png" or ".pfm" with three channels.
/// @param flow   [2, H, W] float, on the CPU
/// @param valid  [H, W] bool; undefined: all is known
/// @throws Error  (Data) when a known number is beyond what KITTI's format holds, -512 to 511.98
std::string encode_flow(const at::Tensor& flow, const at::Tensor& valid, const std::string& ending);

/// A PGM file of 8 bits.
/// @param confidence  [1, H, W] float in [0, 1], on the CPU
std::string encode_confidence(const at::Tensor& confidence);

/// Reads what encode_confidence() makes.
/// @returns [1, 1, height, width] float in [0, 1]
/// @throws Error  (Data) when it cannot be read, or is no such file of this size
at::Tensor read_confidence(const std::string& file, int64_t height, int64_t width);

}  // namespace weft::media
