#include "tests/plugins/media/film.h"

#include "plugins/media/libav.h"
#include "tests/plugins/media/files.h"

namespace weft::testing {
namespace {

using media::Libav;

void add_frames(AVCodecContext& decoder, AVFrame& frame, Film& film) {
  while (avcodec_receive_frame(&decoder, &frame) >= 0) {
    const int x = frame.width / 2, y = frame.height / 2;
    if (frame.format != AV_PIX_FMT_YUV420P) {
      film.middles.emplace_back();
      continue;
    }
    film.middles.push_back({frame.data[0][y * frame.linesize[0] + x], frame.data[1][y / 2 * frame.linesize[1] + x / 2],
                            frame.data[2][y / 2 * frame.linesize[2] + x / 2]});
    film.is_bt709 = frame.colorspace == AVCOL_SPC_BT709 && frame.color_primaries == AVCOL_PRI_BT709 &&
                    frame.color_trc == AVCOL_TRC_BT709;
    film.is_limited_range = frame.color_range == AVCOL_RANGE_MPEG;
  }
}

}  // namespace

Film play(const std::string& file) {
  Film film;
  av_log_set_level(AV_LOG_QUIET);
  AVFormatContext* demuxer = nullptr;
  if (avformat_open_input(&demuxer, media::libav_url(file).c_str(), nullptr, nullptr) < 0) return film;
  if (avformat_find_stream_info(demuxer, nullptr) >= 0 && demuxer->nb_streams == 1) {
    const AVStream& stream = *demuxer->streams[0];
    film.width = stream.codecpar->width;
    film.height = stream.codecpar->height;
    film.frames_per_second = av_q2d(stream.avg_frame_rate);
    film.start = static_cast<double>(stream.start_time) * av_q2d(stream.time_base);
    const AVCodec* codec = avcodec_find_decoder(stream.codecpar->codec_id);
    const Libav<AVCodecContext> decoder(avcodec_alloc_context3(codec));
    avcodec_parameters_to_context(decoder.get(), stream.codecpar);
    avcodec_open2(decoder.get(), codec, nullptr);
    const Libav<AVFrame> frame(av_frame_alloc());
    const Libav<AVPacket> packet(av_packet_alloc());
    while (av_read_frame(demuxer, packet.get()) >= 0) {
      avcodec_send_packet(decoder.get(), packet.get());
      av_packet_unref(packet.get());
      add_frames(*decoder, *frame, film);
    }
    avcodec_send_packet(decoder.get(), nullptr);
    add_frames(*decoder, *frame, film);
  }
  avformat_close_input(&demuxer);
  return film;
}

std::vector<std::string> boxes_of(const std::string& file) {
  const std::string bytes = content_of(file);
  std::vector<std::string> types;
  for (size_t at = 0; at + 8 <= bytes.size();) {
    size_t size = 0;
    for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<uint8_t>(bytes[at + i]);
    types.push_back(bytes.substr(at + 4, 4));
    if (size < 8) break;
    at += size;
  }
  return types;
}

}  // namespace weft::testing
