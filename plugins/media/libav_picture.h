#pragma once

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <string_view>

namespace weft::media {

/// Formats of pictures that libav decodes.
enum class LibavPicture { Bmp, Pnm, Tiff, WebP };

/// What a file that begins so is; nothing when it is none of them.
std::optional<LibavPicture> libav_picture(std::string_view bytes);

/// The picture as RGB of 8 bits, [H, W, 3] uint8; transparency is dropped.
/// @param file  the name for messages
/// @throws Error  (Data) when the file is faulty or too large
at::Tensor decode_libav_rgb(LibavPicture format, std::string_view bytes, const std::string& file);

/// The numbers in the file as they are: grey values, three equal values, or indices into a palette.
/// @returns [H, W], uint8, or int16 with the bits of an unsigned number
/// @throws Error  (Data) when the file is faulty, holds colours, or is WebP, which may change numbers
at::Tensor decode_libav_ids(LibavPicture format, std::string_view bytes, const std::string& file);

}  // namespace weft::media
