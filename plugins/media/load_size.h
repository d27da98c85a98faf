#pragma once

#include <cstdint>
#include <string>

namespace weft::media {

/// Height and width in pixels.
struct Size {
  int64_t height = 0;
  int64_t width = 0;

  bool operator==(const Size&) const = default;
};

/// `512x256`: width, then height, as image programs print it.
std::string size_text(Size size);

/// The rule for the size of resized images.
enum class Scale {
  None,    ///< the picture's own size
  Round,   ///< the nearest multiples
  Square,  ///< load_size on both sides
  Width,   ///< load_size wide, the height in proportion
  Height   ///< load_size high, the width in proportion
};

/// The rule for the size of a crop of a scaled image.
enum class Crop {
  Square,  ///< fine_size on both sides
  Width,   ///< fine_size wide, the height in proportion
  Height   ///< fine_size high, the width in proportion
};

/// The size to which a picture is scaled before it is cropped.
///
/// Proportional sides are rounded down, then both to the nearest multiple of 4; halves go to the even
/// multiple. No side becomes smaller than one multiple.
///
/// Source: the data rules of the 2018 program (get_img_params).
/// @param source     of the picture; with Scale::None it is the result
/// @param load_size  in pixels, above 0; read by Square, Width and Height only
Size size_to_crop(Size source, Scale scale, int64_t load_size);

/// The size to which a picture is scaled when it is not cropped: size_to_crop rounded once more, to multiples
/// of 32.
Size size_to_load(Size source, Scale scale, int64_t load_size);

/// The size of the crop: in the proportions of `source`, rounded to multiples of 32.
Size size_of_crop(Size source, Crop crop, int64_t fine_size);

}  // namespace weft::media
