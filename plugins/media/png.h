#pragma once

#include "plugins/media/load_size.h"

#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace weft::media {

/// Whether a file that begins so is a PNG.
bool is_png(std::string_view bytes);

/// The size in the header, for which the first 33 bytes are enough.
/// @param file  the name for messages
/// @throws Error  (Data) when the header is faulty
Size png_size(std::string_view bytes, const std::string& file);

/// The picture as RGB of 8 bits, [H, W, 3] uint8.
///
/// Grey is repeated, palettes are looked up, 16 bits keep the upper 8, and transparency is dropped as if it
/// were not there.
/// @throws Error  (Data) when the file is faulty
at::Tensor decode_png_rgb(std::string_view bytes, const std::string& file);

/// The numbers in the file as they are: grey values, three equal values, or indices into the palette; without transparency.
/// @returns [H, W], uint8, or int16 with the bits of an unsigned number for 16-bit files
/// @throws Error  (Data) when the file is faulty, or holds colours
at::Tensor decode_png_ids(std::string_view bytes, const std::string& file);

/// The numbers of a file in RGB of 16 bits, [H, W, 3] int32 from 0 to 65535.
/// @throws Error  (Data) when the file is faulty, or of another kind
at::Tensor decode_png_rgb16(std::string_view bytes, const std::string& file);

}  // namespace weft::media
