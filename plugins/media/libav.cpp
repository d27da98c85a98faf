#include "plugins/media/libav.h"

namespace weft::media {

std::string libav_text(int error) {
  char buffer[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, buffer, sizeof buffer);
  return buffer;
}

std::string libav_url(const std::string& file) {
  return "file:" + file;
}

}  // namespace weft::media
