#include "plugins/media/libav.h"

#include "framework/base/memory.h"

#include <cerrno>
#include <set>
#include <string_view>

namespace weft::media {

std::string libav_text(int error) {
  char buffer[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(error, buffer, sizeof buffer);
  return buffer;
}

// Newer versions of libav have other names for these two.

int64_t duration_of(const AVFrame& frame) {
#if LIBAVUTIL_VERSION_INT >= AV_VERSION_INT(57, 30, 100)
  return frame.duration;
#else
  return frame.pkt_duration;
#endif
}

const int32_t* display_matrix_of(const AVStream& stream) {
  size_t bytes = 0;
#if LIBAVCODEC_VERSION_INT >= AV_VERSION_INT(60, 31, 102)
  const AVCodecParameters& codec = *stream.codecpar;
  const AVPacketSideData* found =
      av_packet_side_data_get(codec.coded_side_data, codec.nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
  const uint8_t* data = found ? found->data : nullptr;
  if (found) bytes = found->size;
#else
  const uint8_t* data = av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, &bytes);
#endif
  return data && bytes >= 9 * sizeof(int32_t) ? reinterpret_cast<const int32_t*>(data) : nullptr;
}

void check_memory(int error) {
  const bool says_so = error == AVERROR(ENOMEM) || error == AVERROR(EAGAIN);
  if (says_so || (error == AVERROR_EXTERNAL && is_memory_short())) throw std::bad_alloc();
}

namespace {

/// The formats of single files. A playlist would read other files, without end where it names itself.
std::string formats_of_files() {
  const std::set<std::string_view> left_out = {"concat", "dash", "hls", "imf", "rtp", "rtsp", "sap", "sdp"};
  std::string names;
  void* position = nullptr;
  while (const AVInputFormat* format = av_demuxer_iterate(&position)) {
    if (left_out.contains(format->name)) continue;
    if (!names.empty()) names += ',';
    names += format->name;
  }
  return names;
}

}  // namespace

int open_input(const std::string& url, Libav<AVFormatContext>& input) {
  LibavOptions options;
  static const std::string formats = formats_of_files();
  options.set("protocol_whitelist", "file,pipe");
  options.set("format_whitelist", formats);
  AVFormatContext* opened = nullptr;
  const int code = avformat_open_input(&opened, url.c_str(), nullptr, options.get());
  input.reset(opened);
  return code;
}

std::string libav_url(const std::string& file) {
  return "file:" + file;
}

}  // namespace weft::media
