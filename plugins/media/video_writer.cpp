#include "plugins/media/video_writer.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/output_file.h"
#include "plugins/media/yuv_frame.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

namespace weft::media {
namespace {

std::unique_ptr<EncoderFrame> make_frame_for(VideoFormat format, Size size) {
  switch (format) {
    case VideoFormat::Mp4:
    case VideoFormat::Mov:
    case VideoFormat::WebM:
      return std::make_unique<YuvFrame>(size);
    case VideoFormat::Mkv:
      return std::make_unique<RgbFrame>(size);
    case VideoFormat::Gif:
      return std::make_unique<PaletteFrame>(size);
  }
  return nullptr;
}

const AVCodec* find_encoder(VideoFormat format, const std::string& name) {
  const char* const encoder = spec_of(format).encoder;
  if (const AVCodec* codec = avcodec_find_encoder_by_name(encoder)) return codec;
  throw Error(Exit::Failed, text("cannot write ", name, ": this machine's libav has no encoder ", encoder))
      .hint("media.write_images writes PNG files instead");
}

LibavOptions encoder_settings(const VideoOptions& options) {
  LibavOptions settings;
  switch (options.format) {
    case VideoFormat::Mp4:
    case VideoFormat::Mov:
      settings.set("preset", options.preset).set("crf", number_text(options.quality));
      break;
    case VideoFormat::WebM:
      // libvpx's advice for files at a constant quality; a tenth of the time of its default.
      settings.set("crf", number_text(options.quality)).set("b", "0").set("cpu-used", "4").set("row-mt", "1");
      settings.set("threads", "auto");
      break;
    case VideoFormat::Mkv:
      settings.set("level", "3").set("slicecrc", "1").set("threads", "auto");
      break;
    case VideoFormat::Gif:
      // Whole frames: libav compares a frame with the one before by index, also where their palettes differ.
      settings.set("gifflags", "0");
  }
  return settings;
}

constexpr int kMostOfX264 = 16384;  ///< pixels of a side

/// x264 does not say what it lacks: once its settings and frames are good, it is memory.
void check_encoder_memory(int error) {
  if (error == AVERROR_EXTERNAL) throw std::bad_alloc();
  check_memory(error);
}

}  // namespace

VideoWriter::VideoWriter(VideoOptions options, Size size)
    : options_(std::move(options)), size_(size), frame_(make_frame_for(options_.format, size)) {
  // libav would print lines of its own; what matters of them is in our errors.
  av_log_set_level(AV_LOG_QUIET);
  packet_.reset(had(av_packet_alloc()));
  open_encoder();
  open_file();
}

VideoWriter::~VideoWriter() {
  close();
}

void VideoWriter::open_encoder() {
  const AVCodec* codec = find_encoder(options_.format, name());
  encoder_.reset(had(avcodec_alloc_context3(codec)));
  const AVFrame& frame = *frame_->get();
  const Fraction& rate = options_.frames_per_second;
  encoder_->height = frame.height;
  encoder_->width = frame.width;
  encoder_->pix_fmt = static_cast<AVPixelFormat>(frame.format);
  encoder_->framerate = {static_cast<int>(rate.numerator), static_cast<int>(rate.denominator)};
  encoder_->time_base = av_inv_q(encoder_->framerate);
  encoder_->gop_size = options_.format == VideoFormat::Mkv ? 1 : std::max(1, static_cast<int>(rate.value()));
  encoder_->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  encoder_->colorspace = frame.colorspace;
  encoder_->color_primaries = frame.color_primaries;
  encoder_->color_trc = frame.color_trc;
  encoder_->color_range = frame.color_range;
  encoder_->chroma_sample_location = frame.chroma_location;
  LibavOptions settings = encoder_settings(options_);
  const int code = avcodec_open2(encoder_.get(), codec, settings.get());
  if (code == 0) return;
  if (std::max(frame.height, frame.width) <= kMostOfX264) check_encoder_memory(code);
  throw Error(Exit::Failed, text("cannot write ", name(), ": the encoder ", codec->name, " does not take frames of ",
                                 size_text(video_size()), " pixels: ", libav_text(code)));
}

void VideoWriter::open_file() {
  const std::string url = options_.file == "-" ? "pipe:1" : libav_url(options_.file);
  avformat_alloc_output_context2(&muxer_, nullptr, spec_of(options_.format).muxer, url.c_str());
  AVStream* stream = had(avformat_new_stream(had(muxer_), nullptr));
  stream->time_base = encoder_->time_base;
  stream->avg_frame_rate = encoder_->framerate;
  check_memory(avcodec_parameters_from_context(stream->codecpar, encoder_.get()));
  open_sound();
  // The same frames give the same file: no random numbers, no date.
  muxer_->flags |= AVFMT_FLAG_FLUSH_PACKETS | AVFMT_FLAG_BITEXACT;
  int code = avio_open(&muxer_->pb, url.c_str(), AVIO_FLAG_WRITE);
  if (code < 0) {
    // Not close(): the file is not ours to remove.
    avformat_free_context(std::exchange(muxer_, nullptr));
    check_memory(code);
    data::fail_to_write(name(), libav_text(code));
  }
  LibavOptions settings;
  const bool has_clusters = options_.format == VideoFormat::Mkv || options_.format == VideoFormat::WebM;
  if (has_index(options_.format)) settings.set("movflags", "frag_keyframe+empty_moov+default_base_moof");
  if (has_clusters) settings.set("cluster_time_limit", "1000");
  code = avformat_write_header(muxer_, settings.get());
  if (code >= 0) code = std::min(code, muxer_->pb->error);
  if (code < 0) fail_at(code);
  header_bytes_ = avio_tell(muxer_->pb);
}

void VideoWriter::open_sound() {
  if (options_.sound_file.empty()) return;
  sound_ = SoundTrack::open(options_.sound_file, options_.sound_start);
  if (!sound_) return;
  if (options_.format == VideoFormat::Gif || !sound_->fits(*muxer_->oformat)) {
    lost_sound_ = text("the sound of ", options_.sound_file, ", ", sound_->codec(), ", does not fit into ", name());
    return sound_.reset();
  }
  sound_->add_stream(*muxer_);
}

void VideoWriter::write(const uint8_t* rgb) {
  frame_->set(rgb);
  frame_->get()->pts = frames_++;
  encode(frame_->get());
}

void VideoWriter::finish() {
  encode(nullptr);
  const double seconds = static_cast<double>(frames_) * av_q2d(encoder_->time_base);
  int code = sound_ ? sound_->write_until(seconds, *muxer_) : 0;
  if (code >= 0) code = av_write_trailer(muxer_);
  if (code < 0) fail_at(code);
  const int closed = close();
  if (closed < 0) fail_at(closed);
}

void VideoWriter::encode(const AVFrame* frame) {
  int code = avcodec_send_frame(encoder_.get(), frame);
  while (code >= 0) {
    code = avcodec_receive_packet(encoder_.get(), packet_.get());
    if (code >= 0) write_packet();
  }
  if (code != AVERROR(EAGAIN) && code != AVERROR_EOF) fail_at(code);
}

void VideoWriter::write_packet() {
  packet_->duration = 1;
  const double seconds = static_cast<double>(packet_->dts) * av_q2d(encoder_->time_base);
  const int heard = sound_ ? sound_->write_until(seconds, *muxer_) : 0;
  if (heard < 0) {
    av_packet_unref(packet_.get());
    fail_at(heard);
  }
  av_packet_rescale_ts(packet_.get(), encoder_->time_base, muxer_->streams[0]->time_base);
  const int code = av_write_frame(muxer_, packet_.get());
  av_packet_unref(packet_.get());
  if (code < 0) fail_at(code);
  // The muxer keeps the packets of a part until it is whole.
  if (avio_tell(muxer_->pb) > header_bytes_) whole_bytes_ = avio_tell(muxer_->pb);
}

int VideoWriter::close() {
  if (!muxer_) return 0;
  const int code = avio_closep(&muxer_->pb);
  avformat_free_context(std::exchange(muxer_, nullptr));
  return code;
}

void VideoWriter::fail_at(int error) {
  close();
  const bool is_file = options_.file != "-";
  const bool has_frames = is_file && whole_bytes_ > 0 && ::truncate(options_.file.c_str(), whole_bytes_) == 0;
  if (is_file && !has_frames) ::unlink(options_.file.c_str());
  check_encoder_memory(error);
  throw Error(Exit::Failed, text("cannot write ", name(), ": ", libav_text(error)))
      .hint(has_frames ? "the frames written so far can be played" : "");
}

}  // namespace weft::media
