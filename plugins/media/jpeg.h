#pragma once

#include "plugins/media/load_size.h"

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <string_view>

namespace weft::media {

/// Whether a file that begins so is a JPEG.
bool is_jpeg(std::string_view bytes);

/// The size in the header.
/// @returns nothing when `bytes` end before the header does, or it is faulty
std::optional<Size> jpeg_size(std::string_view bytes);

/// The picture as RGB, [H, W, 3] uint8. Grey is repeated. The same pixels as libjpeg's defaults give.
/// @param file  the name for messages
/// @throws Error  (Data) when the file is faulty, cut short, or CMYK
at::Tensor decode_jpeg(std::string_view bytes, const std::string& file);

/// A JPEG file of `pixels`, 4:2:0, as libjpeg writes it.
/// @param pixels   [H, W, 3] uint8 RGB
/// @param quality  1 to 100
std::string encode_jpeg(const at::Tensor& pixels, int quality);

}  // namespace weft::media
