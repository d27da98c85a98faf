#include "plugins/media/endings.h"

namespace weft::media {

std::vector<std::string> picture_endings() {
#ifdef WEFT_HAS_LIBAV
  return {".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".pgm", ".tif", ".tiff", ".webp"};
#else
  return {".png", ".jpg", ".jpeg"};
#endif
}

std::vector<std::string> id_endings() {
#ifdef WEFT_HAS_LIBAV
  return {".png", ".bmp", ".ppm", ".pgm", ".tif", ".tiff"};
#else
  return {".png"};
#endif
}

}  // namespace weft::media
