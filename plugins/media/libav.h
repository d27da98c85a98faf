#pragma once

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <new>
#include <string>
#include <utility>

namespace weft::media {

/// Frees an object of libav by the matching function.
struct FreeLibav {
  void operator()(AVCodecContext* codec) const { avcodec_free_context(&codec); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(AVFormatContext* input) const { avformat_close_input(&input); }
};

template <typename Held>
using Libav = std::unique_ptr<Held, FreeLibav>;

/// libav's text for the error number `error`.
std::string libav_text(int error);

/// Tells a lack of memory, or of a thread, from the faults of a file.
/// @throws std::bad_alloc  when `error` says that, or says nothing while memory is short
void check_memory(int error);

/// What libav made, which is nothing when it has no memory.
/// @throws std::bad_alloc
template <typename Made>
Made* had(Made* made) {
  if (!made) throw std::bad_alloc();
  return made;
}

/// How long a frame is shown, in units of its stream; 0 where that is not known.
int64_t duration_of(const AVFrame& frame);

/// How a stream says that its pictures are turned: nine numbers; nullptr where it does not.
const int32_t* display_matrix_of(const AVStream& stream);

/// The file as libav wants it: as a local one, whatever its name looks like.
std::string libav_url(const std::string& file);

/// Opens a file, or "pipe:0", to be read. Playlists name other files; none of them is fetched from a network.
/// @returns libav's number of what prevents it, or 0
int open_input(const std::string& url, Libav<AVFormatContext>& input);

/// Options for a muxer, a demuxer or an encoder, as names and texts.
class LibavOptions {
 public:
  LibavOptions() = default;
  ~LibavOptions() { av_dict_free(&dictionary_); }
  LibavOptions(LibavOptions&& other) noexcept : dictionary_(std::exchange(other.dictionary_, nullptr)) {}
  LibavOptions(const LibavOptions&) = delete;
  LibavOptions& operator=(const LibavOptions&) = delete;

  LibavOptions& set(const char* name, const std::string& value) {
    av_dict_set(&dictionary_, name, value.c_str(), 0);
    return *this;
  }
  AVDictionary** get() { return &dictionary_; }

 private:
  AVDictionary* dictionary_ = nullptr;
};

}  // namespace weft::media
