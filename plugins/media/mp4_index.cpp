#include "plugins/media/mp4_index.h"

#include "plugins/media/libav.h"
#include "plugins/media/video_format.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace weft::media {
namespace {

/// Copies the pictures and the sound of one MP4 or MOV into another.
class Copy {
 public:
  ~Copy() {
    avformat_close_input(&from_);
    if (to_) avio_closep(&to_->pb);
    avformat_free_context(to_);
  }

  /// @returns below 0 at a fault, as all of libav
  int open(const std::string& from, const std::string& to, const char* muxer) {
    int code = avformat_open_input(&from_, libav_url(from).c_str(), nullptr, nullptr);
    if (code >= 0) code = avformat_alloc_output_context2(&to_, nullptr, muxer, libav_url(to).c_str());
    if (code >= 0) code = copy_streams();
    if (code >= 0) code = avio_open(&to_->pb, libav_url(to).c_str(), AVIO_FLAG_WRITE);
    return code;
  }

  int run() {
    LibavOptions settings;
    settings.set("movflags", "faststart");
    int code = avformat_write_header(to_, settings.get());
    while (code >= 0 && (code = av_read_frame(from_, packet_.get())) >= 0) code = copy_packet();
    if (code != AVERROR_EOF) return code;
    code = av_write_trailer(to_);
    const int closed = avio_closep(&to_->pb);
    return code < 0 ? code : closed;
  }

 private:
  int copy_streams() {
    for (unsigned i = 0; i < from_->nb_streams; ++i) {
      const AVStream& from = *from_->streams[i];
      AVStream* stream = had(avformat_new_stream(to_, nullptr));
      stream->time_base = from.time_base;
      stream->avg_frame_rate = from.avg_frame_rate;
      const int code = avcodec_parameters_copy(stream->codecpar, from.codecpar);
      if (code < 0) return code;
    }
    return from_->nb_streams == 0 ? AVERROR_INVALIDDATA : 0;
  }

  int copy_packet() {
    // Fragments cannot say that decoding begins before the first picture is shown, so all times are late by that, of
    // sound as of pictures.
    const AVRational base = from_->streams[packet_->stream_index]->time_base;
    if (packet_->stream_index == 0 && !late_) late_ = {packet_->pts, base};
    if (late_) {
      const int64_t late = av_rescale_q(late_->first, late_->second, base);
      packet_->pts -= late;
      packet_->dts -= late;
    }
    av_packet_rescale_ts(packet_.get(), base, to_->streams[packet_->stream_index]->time_base);
    return av_interleaved_write_frame(to_, packet_.get());
  }

  AVFormatContext* from_ = nullptr;
  AVFormatContext* to_ = nullptr;
  Libav<AVPacket> packet_{had(av_packet_alloc())};
  std::optional<std::pair<int64_t, AVRational>> late_;  ///< the time of the first picture, and its unit
};

}  // namespace

std::optional<std::string> put_index_first(const std::string& file) {
  const std::string unfinished = file + ".part";
  const VideoFormatSpec& format = spec_of(format_of_file(file).value_or(VideoFormat::Mp4));
  int code = 0;
  {
    Copy copy;
    code = copy.open(file, unfinished, format.muxer);
    if (code >= 0) code = copy.run();
  }
  if (code >= 0 && std::rename(unfinished.c_str(), file.c_str()) != 0) code = AVERROR(errno);
  if (code >= 0) return {};
  ::unlink(unfinished.c_str());
  check_memory(code);
  return libav_text(code);
}

}  // namespace weft::media
