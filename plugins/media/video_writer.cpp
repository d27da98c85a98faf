#include "plugins/media/mp4_writer.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/files.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace weft::media {
namespace {

/// Of time bases; enough for rates such as 30000/1001.
constexpr int kLargestDenominator = 100'100;

}  // namespace

Mp4Writer::Mp4Writer(VideoOptions options, Size size) : options_(std::move(options)), size_(size), frame_(size) {
  // libav would print lines of its own; what matters of them is in our errors.
  av_log_set_level(AV_LOG_QUIET);
  packet_.reset(av_packet_alloc());
  open_encoder();
  open_file();
}

Mp4Writer::~Mp4Writer() {
  close();
}

void Mp4Writer::open_encoder() {
  const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
  if (!codec) {
    throw Error(Exit::Failed,
                text("cannot write ", options_.file, ": this machine's libav has no H.264 encoder (libx264)"))
        .hint("media.write_images writes PNG files instead");
  }
  encoder_.reset(avcodec_alloc_context3(codec));
  const AVRational rate = av_d2q(options_.frames_per_second, kLargestDenominator);
  encoder_->height = frame_.get()->height;
  encoder_->width = frame_.get()->width;
  encoder_->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder_->framerate = rate;
  encoder_->time_base = av_inv_q(rate);
  encoder_->gop_size = std::max(1, static_cast<int>(options_.frames_per_second));
  encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  encoder_->colorspace = frame_.get()->colorspace;
  encoder_->color_primaries = frame_.get()->color_primaries;
  encoder_->color_trc = frame_.get()->color_trc;
  encoder_->color_range = frame_.get()->color_range;
  encoder_->chroma_sample_location = frame_.get()->chroma_location;
  LibavOptions settings;
  settings.set("preset", options_.preset).set("crf", number_text(options_.quality));
  const int code = avcodec_open2(encoder_.get(), codec, settings.get());
  if (code == 0) return;
  throw Error(Exit::Failed, text("cannot write ", options_.file, ": the H.264 encoder does not take frames of ",
                                 size_text(video_size()), " pixels: ", libav_text(code)));
}

void Mp4Writer::open_file() {
  const std::string url = libav_url(options_.file);
  avformat_alloc_output_context2(&muxer_, nullptr, "mp4", url.c_str());
  AVStream* stream = avformat_new_stream(muxer_, nullptr);
  stream->time_base = encoder_->time_base;
  stream->avg_frame_rate = encoder_->framerate;
  avcodec_parameters_from_context(stream->codecpar, encoder_.get());
  muxer_->flags |= AVFMT_FLAG_FLUSH_PACKETS;
  int code = avio_open(&muxer_->pb, url.c_str(), AVIO_FLAG_WRITE);
  if (code < 0) {
    // Not close(): the file is not ours to remove.
    avformat_free_context(std::exchange(muxer_, nullptr));
    fail_to_write(options_.file, libav_text(code));
  }
  LibavOptions settings;
  settings.set("movflags", "frag_keyframe+empty_moov+default_base_moof");
  code = avformat_write_header(muxer_, settings.get());
  if (code >= 0) code = std::min(code, muxer_->pb->error);
  if (code < 0) fail_at(code);
  header_bytes_ = avio_tell(muxer_->pb);
}

void Mp4Writer::write(const uint8_t* rgb) {
  frame_.set(rgb);
  frame_.get()->pts = frames_++;
  encode(frame_.get());
}

void Mp4Writer::finish() {
  encode(nullptr);
  const int code = av_write_trailer(muxer_);
  if (code < 0) fail_at(code);
  const int closed = close();
  if (closed < 0) fail_at(closed);
}

void Mp4Writer::encode(const AVFrame* frame) {
  int code = avcodec_send_frame(encoder_.get(), frame);
  while (code >= 0) {
    code = avcodec_receive_packet(encoder_.get(), packet_.get());
    if (code >= 0) write_packet();
  }
  if (code != AVERROR(EAGAIN) && code != AVERROR_EOF) fail_at(code);
}

void Mp4Writer::write_packet() {
  packet_->duration = 1;
  av_packet_rescale_ts(packet_.get(), encoder_->time_base, muxer_->streams[0]->time_base);
  const int code = av_write_frame(muxer_, packet_.get());
  av_packet_unref(packet_.get());
  if (code < 0) fail_at(code);
  // The muxer keeps the packets of a fragment until it is whole.
  if (avio_tell(muxer_->pb) > header_bytes_) whole_bytes_ = avio_tell(muxer_->pb);
}

int Mp4Writer::close() {
  if (!muxer_) return 0;
  const int code = avio_closep(&muxer_->pb);
  avformat_free_context(std::exchange(muxer_, nullptr));
  return code;
}

void Mp4Writer::fail_at(int error) {
  close();
  const bool has_frames = whole_bytes_ > 0 && ::truncate(options_.file.c_str(), whole_bytes_) == 0;
  if (!has_frames) ::unlink(options_.file.c_str());
  throw Error(Exit::Failed, text("cannot write ", options_.file, ": ", libav_text(error)))
      .hint(has_frames ? "what was written before can be played" : "");
}

}  // namespace weft::media
