#include "plugins/media/libav.h"

#include "framework/base/memory.h"

#include <cerrno>

namespace weft::media {

std::string libav_text(int error) {
  char buffer[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, buffer, sizeof buffer);
  return buffer;
}

void check_memory(int error) {
  const bool says_so = error == AVERROR(ENOMEM) || error == AVERROR(EAGAIN);
  if (says_so || (error == AVERROR_EXTERNAL && is_memory_short())) throw std::bad_alloc();
}

std::string libav_url(const std::string& file) {
  return "file:" + file;
}

}  // namespace weft::media
