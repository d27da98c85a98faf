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

int open_input(const std::string& url, Libav<AVFormatContext>& input) {
  LibavOptions options;
  options.set("protocol_whitelist", "file,pipe");
  AVFormatContext* opened = nullptr;
  const int code = avformat_open_input(&opened, url.c_str(), nullptr, options.get());
  input.reset(opened);
  return code;
}

std::string libav_url(const std::string& file) {
  return "file:" + file;
}

}  // namespace weft::media
