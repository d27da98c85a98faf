#pragma once

#include "plugins/media/upright.h"

#include <string_view>

namespace weft::media {

/// The turn that a JPEG's Exif data ask for, as cameras write them that were held upright or upside down.
///
/// Source: JEITA CP-3451, "Exchangeable image file format for digital still cameras", 4.6.4, Orientation.
/// @param bytes  of the file, with the whole header
/// @returns no turn where there are none, or they are faulty
Turn exif_turn(std::string_view bytes);

}  // namespace weft::media
