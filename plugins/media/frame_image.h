#pragma once

#include "plugins/media/libav.h"

#include <ATen/core/Tensor.h>

#include <string>

namespace weft::media {

/// A decoded frame becomes an image, in floating point, so that 10 bits and more are kept.
///
/// Colours are those of ColourModel; chroma that is stored for several pixels is interpolated linearly from where
/// the frame says (by default on the left column between two rows; of JPEG and MPEG-1 in the
/// middle). RGB of 8 bits gives the numbers that a PNG file of the frame would. Transparency is dropped.
/// @param name  of the file, for messages
/// @returns [1, 3, H, W] float in [-1, 1], as the frame is stored: neither turned nor stretched
/// @throws Error  (Data) when its colours cannot be converted
at::Tensor image_of_frame(const AVFrame& frame, const std::string& name);

/// The ids in a frame of a lossless video: grey of up to 16 bits, indices of a palette, or RGB with three equal
/// numbers.
/// @returns [H, W] int64, as the frame is stored
/// @throws Error  (Data) when it is stored in colours
at::Tensor ids_of_frame(const AVFrame& frame, const std::string& name);

}  // namespace weft::media
