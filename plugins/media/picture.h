#pragma once

#include "framework/data/palette.h"
#include "plugins/media/load_size.h"

#include <ATen/core/Tensor.h>

#include <string>

namespace weft::media {

/// More are claimed by faulty files only.
constexpr int64_t kMostPixels = 100'000'000;

/// @throws Error  (Data) when a picture has no pixels, or more than 100 million, which only a faulty file
/// claims
void check_size(Size size, const std::string& file);

/// The size of a picture as it is seen. Of PNG and JPEG files the header is read, of others the whole. The content decides
/// what a file is, not its name.
/// @throws Error  (Data) when it cannot be read or is no picture
Size picture_size(const std::string& file);

/// A picture as RGB, [H, W, 3] uint8: PNG, JPEG, turned as its Exif data ask for, and where there is libav also BMP, PPM,
/// PGM, TIFF and WebP.
/// @throws Error  (Data) when it cannot be read, is none of them, or is faulty
at::Tensor read_picture(const std::string& file);

/// The ids of the classes in whose colours a picture is painted. @returns as read_ids
/// @throws Error  (Data) as read_picture; when it is a JPEG, which changes colours, or a colour is no class's
at::Tensor read_painted_ids(const std::string& file, const data::Palette& palette);

/// The ids in a PNG file (where there is libav, also BMP, PGM, PPM and TIFF), [H, W]: uint8, or int16 with the bits of an
/// unsigned number.
/// @throws Error  (Data) when it cannot be read, is none of them, is faulty, or holds colours
at::Tensor read_ids(const std::string& file);

/// Bytes become an image.
///
///   image = (bytes / 255 - 0.5) / 0.5
///
/// @param bytes  [H, W, 3] uint8
/// @returns [1, 3, H, W] float in [-1, 1]
at::Tensor image_of_bytes(const at::Tensor& bytes);

/// An image becomes bytes, as the 2018 program does it: cut off at both ends, then rounded down.
///
///   bytes = clip((image + 1) / 2 * 255, 0, 255)
///
/// One departure: a value that is exactly what image_of_bytes makes of a byte gives that byte back. The
/// program turns half of them into the byte below, because the float comes out a little under it.
/// @param image  [3, H, W]; NaN becomes 0
/// @returns [H, W, 3] uint8
at::Tensor bytes_of_image(const at::Tensor& image);

/// Ids as read_ids gives them become labels: [1, 1, H, W] int64, 0 to 65535.
at::Tensor labels_of_ids(const at::Tensor& ids);

}  // namespace weft::media
