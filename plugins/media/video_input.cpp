#include "plugins/media/video_input.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "framework/spec/address.h"
#include "plugins/media/gif_picture.h"
#include "plugins/media/picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <new>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace weft::media {
namespace {

namespace fs = std::filesystem;

/// Times beyond are those of a damaged file; sums of a few stay within 64 bits.
constexpr int64_t kFarthest = int64_t{1} << 60;
/// A decoder that goes on to fail is not asked for ever.
constexpr int kMostFaultsInARow = 1000;

/// Says what the operating system has against a file, better than libav does.
void check_file(const std::string& file) {
  std::error_code unknown;
  const fs::file_status status = fs::status(file, unknown);
  if (status.type() == fs::file_type::not_found) {
    Error error(Exit::Data, text("there is no file ", file));
    if (is_address(file)) error.hint("media.stream reads addresses");
    throw error;
  }
  try {
    if (data::OrdinaryFile(file).size() == 0) throw Error(Exit::Data, text(file, " is empty: it has 0 bytes"));
  } catch (Error& error) {
    if (fs::is_fifo(status)) error.hint("`-` reads a video from standard input");
    throw;
  }
}

/// Whether a decoder may work on several frames at once. libavcodec 5.1 ends the process where one that does gives a
/// frame and a fault together, as that of MPEG-4 does. So it may only where damaged files were tried by the hundreds, and
/// neither that nor anything else was found.
bool decodes_several_frames(AVCodecID codec) {
  static constexpr std::array kTried = {
      AV_CODEC_ID_H264,    AV_CODEC_ID_HEVC,    AV_CODEC_ID_VP8,      AV_CODEC_ID_VP9, AV_CODEC_ID_THEORA,
      AV_CODEC_ID_PRORES,  AV_CODEC_ID_CFHD,    AV_CODEC_ID_JPEG2000, AV_CODEC_ID_PNG, AV_CODEC_ID_FFVHUFF,
      AV_CODEC_ID_HUFFYUV, AV_CODEC_ID_UTVIDEO, AV_CODEC_ID_MAGICYUV, AV_CODEC_ID_HAP};
  return std::find(kTried.begin(), kTried.end(), codec) != kTried.end();
}

/// libav renders text files as pictures; such a file is not a video.
bool is_text(AVCodecID codec) {
  return codec == AV_CODEC_ID_ANSI || codec == AV_CODEC_ID_BINTEXT || codec == AV_CODEC_ID_XBIN ||
         codec == AV_CODEC_ID_IDF;
}

[[noreturn]] void fail_to_recognise(const std::string& name, const std::string& reason) {
  throw Error(Exit::Data, text(name, " is no video that can be read: ", reason))
      .hint("a file that was cut short may have lost the index at its end; `ffprobe FILE` shows what a file holds");
}

std::string describe_streams(const AVFormatContext& demuxer) {
  std::vector<std::string> streams;
  for (unsigned i = 0; i < demuxer.nb_streams; ++i) {
    const AVCodecParameters& codec = *demuxer.streams[i]->codecpar;
    const char* type = av_get_media_type_string(codec.codec_type);
    const bool is_cover = (demuxer.streams[i]->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0;
    streams.push_back(is_cover ? "a cover picture"
                               : text(type ? type : "data", " (", avcodec_get_name(codec.codec_id), ')'));
  }
  return streams.empty() ? "nothing" : join(streams);
}

}  // namespace

VideoInput::VideoInput(std::string name, OnDamage on_damage, double patience)
    : name_(std::move(name)),
      skips_damage_(on_damage == OnDamage::Skip),
      patience_(patience > 0 ? std::make_unique<Patience>(patience) : nullptr) {
  // libav would print lines of its own; what matters of them is in our errors.
  av_log_set_level(AV_LOG_QUIET);
  if (!packet_) throw std::bad_alloc();
}

VideoInput::VideoInput(const std::string& file, OnDamage on_damage)
    : VideoInput(file == "-" ? "standard input" : file, on_damage, 0) {
  open_file(file);
  choose_stream();
  open_decoder();
}

VideoInput::VideoInput(const LivePlace& place, OnDamage on_damage) : VideoInput(place.name, on_damage, place.patience) {
  open_place(place);
  choose_stream();
  open_decoder();
}

void VideoInput::open_file(const std::string& file) {
  if (file != "-") check_file(file);
  const int code = open_input(file == "-" ? "pipe:0" : libav_url(file), demuxer_);
  check_memory(code);
  if (code < 0) fail_to_recognise(name_, libav_text(code));
}

void VideoInput::open_place(const LivePlace& place) {
  // What a stream holds is known after a second of it: libav would look at five, and wait for them.
  LibavOptions options;
  options.set("analyzeduration", "1000000").set("fpsprobesize", "5");
  if (!place.protocols.empty()) options.set("protocol_whitelist", place.protocols);
  for (const auto& [option, value] : place.options) options.set(option.c_str(), value);
  AVFormatContext* opened = had(avformat_alloc_context());
  opened->interrupt_callback = patience_->callback();
  if (place.format) opened->flags |= AVFMT_FLAG_NONBLOCK;  // a device then says that nothing has come yet
  const int code = avformat_open_input(&opened, place.url.c_str(), place.format, options.get());  // frees at a fault
  demuxer_.reset(opened);
  if (code == AVERROR(ENOMEM)) throw std::bad_alloc();
  if (code == AVERROR_EXIT) fail_of_silence();
  if (code < 0) throw Error(Exit::Data, text(name_, " cannot be opened: ", libav_text(code)));
}

void VideoInput::fail_of_silence() const {
  throw Error(Exit::Data, text(name_, ": no frame came within ", number_text(patience_->seconds()), " s"))
      .hint("does it send? `patience` waits longer");
}

void VideoInput::choose_stream() {
  if (patience_) patience_->begin();
  // A fault of the pictures themselves is found where they are decoded.
  const int code = avformat_find_stream_info(demuxer_.get(), nullptr);
  if (patience_ ? code == AVERROR(ENOMEM) : code < 0) check_memory(code);
  if (patience_ && patience_->is_over()) fail_of_silence();
  const int chosen = av_find_best_stream(demuxer_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
  const bool is_found = chosen >= 0 && (demuxer_->streams[chosen]->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0;
  if (is_found && is_text(demuxer_->streams[chosen]->codecpar->codec_id)) fail_to_recognise(name_, "it is a text");
  if (is_found && demuxer_->streams[chosen]->codecpar->codec_id == AV_CODEC_ID_NONE)
    fail_to_recognise(name_, "nothing says how its pictures are coded");
  if (!is_found) {
    throw Error(Exit::Data, text(name_, " has no video, only ", describe_streams(*demuxer_)));
  }
  for (unsigned i = 0; i < demuxer_->nb_streams; ++i) demuxer_->streams[i]->discard = AVDISCARD_ALL;
  stream_ = demuxer_->streams[chosen];
  const Size size = {stream_->codecpar->height, stream_->codecpar->width};
  if (size.width > 0 && size.height > 0) check_size(size, name_);
  stream_->discard = AVDISCARD_DEFAULT;
}

void VideoInput::open_decoder() {
  const AVCodec* codec = avcodec_find_decoder(this->codec());
  if (!codec) {
    throw Error(Exit::Data, text("cannot read ", name_, ": this machine's libav has no decoder for ",
                                 avcodec_get_name(this->codec())));
  }
  decoder_.reset(avcodec_alloc_context3(codec));
  if (!decoder_ || avcodec_parameters_to_context(decoder_.get(), stream_->codecpar) < 0) throw std::bad_alloc();
  decoder_->pkt_timebase = stream_->time_base;
  decoder_->thread_count = 0;  // one more than there are cores, 16 at most
  // Several frames at once come later, by as many frames as there are threads.
  const bool waits_for_several = !patience_ && decodes_several_frames(codec->id);
  decoder_->thread_type = waits_for_several ? FF_THREAD_FRAME | FF_THREAD_SLICE : FF_THREAD_SLICE;
  decoder_->max_pixels = kMostPixels;
  // An error, not a picture that was made up.
  decoder_->err_recognition = AV_EF_CRCCHECK | AV_EF_EXPLODE;
  const int code = avcodec_open2(decoder_.get(), codec, nullptr);
  check_memory(code);
  if (code < 0) fail_to_recognise(name_, text(codec->long_name, ": ", libav_text(code)));
}

Fraction VideoInput::rate() const {
  const AVRational average = stream_->avg_frame_rate, nominal = stream_->r_frame_rate;
  const auto is_rate = [](AVRational rate) { return rate.num > 0 && rate.den > 0; };
  AVRational chosen = is_rate(average) ? average : nominal;
  // Of streams with times in milliseconds the average is off by a little.
  if (is_rate(nominal) && is_rate(average) && std::abs(av_q2d(nominal) / av_q2d(average) - 1) < 0.01) chosen = nominal;
  if (!is_rate(chosen)) chosen = {25, 1};
  return *Fraction::parse(text(chosen.num, '/', chosen.den));
}

double VideoInput::start() const {
  return stream_->start_time == AV_NOPTS_VALUE ? 0 : static_cast<double>(stream_->start_time) * av_q2d(time_base());
}

bool VideoInput::has_sound() const {
  AVStream** const end = demuxer_->streams + demuxer_->nb_streams;
  return std::any_of(demuxer_->streams, end,
                     [](const AVStream* stream) { return stream->codecpar->codec_type == AVMEDIA_TYPE_AUDIO; });
}

Turn VideoInput::turn(const AVFrame& frame) const {
  const int32_t* matrix = display_matrix_of(*stream_);
  const AVFrameSideData* of_frame = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
  if (!matrix && of_frame && of_frame->size >= 9 * sizeof(int32_t))
    matrix = reinterpret_cast<const int32_t*>(of_frame->data);
  return turn_of(matrix, name_);
}

Size VideoInput::shown_size(const AVFrame& frame) const {
  AVFrame& asked = const_cast<AVFrame&>(frame);  // libav only reads it
  const AVRational aspect = av_guess_sample_aspect_ratio(demuxer_.get(), stream_, &asked);
  const double width = aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1;
  const Size size = upright_size({frame.height, frame.width}, width, turn(frame));
  check_size(size, name_);
  return size;
}

int64_t VideoInput::usual_duration() const {
  const Fraction rate = this->rate();
  const AVRational seconds = {static_cast<int>(rate.denominator), static_cast<int>(rate.numerator)};
  return std::max<int64_t>(1, av_rescale_q(1, seconds, time_base()));
}

std::optional<TimedFrame> VideoInput::next() {
  for (;;) {
    std::optional<TimedFrame> taken = take();
    if (taken || is_draining_) return taken;
    feed();
  }
}

/// Whether what has this fault is left out. @throws std::bad_alloc  when it is a lack of memory
bool VideoInput::skips(int error) {
  check_memory(error);
  has_skipped_ = has_skipped_ || skips_damage_;
  return skips_damage_;
}

/// The decoder's next frame that is whole. @returns libav's number of what prevents it, or 0
int VideoInput::receive(AVFrame& frame) {
  for (int faults = 0;; ++faults) {
    int code = avcodec_receive_frame(decoder_.get(), &frame);
    const bool is_guessed = (frame.flags & AV_FRAME_FLAG_CORRUPT) != 0 || frame.decode_error_flags != 0;
    if (code >= 0 && is_guessed) code = AVERROR_INVALIDDATA;
    if (code >= 0 || code == AVERROR(EAGAIN) || code == AVERROR_EOF) return code;
    if (faults == kMostFaultsInARow || !skips(code)) return code;
  }
}

/// A frame that the decoder has ready; nothing when it needs more input, or is at its end.
std::optional<TimedFrame> VideoInput::take() {
  TimedFrame taken;
  taken.frame.reset(had(av_frame_alloc()));
  AVFrame& frame = *taken.frame;
  const int code = receive(frame);
  if (code == AVERROR(EAGAIN)) return {};
  if (code == AVERROR_EOF && frames_ > 0 && (fault_ == 0 || skips(fault_))) return {};
  if (code < 0) fail_at_damage(code == AVERROR_EOF ? fault_ : code);
  check_size({frame.height, frame.width}, name_);
  const int64_t usual = usual_duration();
  const bool is_first = frames_ == 0;
  const int64_t time = frame.best_effort_timestamp;
  // Raw streams have no times; those that libav makes up are wrong behind a cut.
  const bool has_times = (demuxer_->iformat->flags & AVFMT_NOTIMESTAMPS) == 0;
  const bool is_timed = has_times && time != AV_NOPTS_VALUE && (is_first || time > last_time_);
  taken.time = is_timed ? time : is_first ? 0 : end_;
  taken.duration = has_times && duration_of(frame) > 0 ? duration_of(frame) : usual;
  if (std::abs(taken.time) > kFarthest || taken.duration > kFarthest) fail_at_damage(AVERROR_INVALIDDATA);
  // Behind a cut, pictures that others were to come before are not those of their time.
  const bool may_be_late = !has_times_ && decoder_->has_b_frames > 0;
  if (fault_ != 0 && !skips_damage_ && (may_be_late || (!is_first && taken.time > end_ + usual / 2)))
    fail_at_damage(fault_);
  last_time_ = taken.time;
  end_ = taken.time + taken.duration;
  ++frames_;
  return taken;
}

/// The next packet. @returns libav's number of what prevents it, or 0; AVERROR_EOF also where a live stream falls silent
int VideoInput::read_packet() {
  if (!patience_) return av_read_frame(demuxer_.get(), packet_.get());
  patience_->begin();
  int code = av_read_frame(demuxer_.get(), packet_.get());
  for (; code == AVERROR(EAGAIN) && !patience_->is_over(); code = av_read_frame(demuxer_.get(), packet_.get()))
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  if (code >= 0 || !patience_->is_over()) return code;
  fell_silent_ = !patience_->is_ended();
  if (fell_silent_ && packets_.count == 0) fail_of_silence();
  return AVERROR_EOF;
}

void VideoInput::feed() {
  for (;;) {
    const int code = read_packet();
    if (code < 0) {
      const bool was_enough = patience_ && patience_->is_over();
      const bool is_end = code == AVERROR_EOF && (was_enough || !demuxer_->pb || demuxer_->pb->error >= 0);
      if (!is_end) fault_ = code == AVERROR_EOF ? demuxer_->pb->error : code;
      if (is_end && ends_early(*demuxer_, *stream_, packets_, rate().value())) fault_ = AVERROR_INVALIDDATA;
      return drain();
    }
    if (packet_->stream_index == stream_->index) break;
    av_packet_unref(packet_.get());
  }
  ++packets_.count;
  has_times_ = has_times_ && packet_->pts != AV_NOPTS_VALUE;
  if (packet_->pts != AV_NOPTS_VALUE)
    packets_.end = std::max(packets_.end, av_sat_add64(packet_->pts, std::max(packet_->duration, usual_duration())));
  // Of MPEG-TS the mark means a gap in the numbers of packets, as where two recordings are joined: the decoder knows more.
  const bool is_marked = (packet_->flags & AV_PKT_FLAG_CORRUPT) != 0 && !is_format("mpegts");
  const bool is_cut = codec() == AV_CODEC_ID_GIF &&
                      is_cut_gif_picture({packet_->data, static_cast<size_t>(std::max(packet_->size, 0))});
  const int code = is_marked || is_cut ? AVERROR_INVALIDDATA : avcodec_send_packet(decoder_.get(), packet_.get());
  av_packet_unref(packet_.get());
  if (code >= 0 || skips(code)) return;
  fault_ = code;
  drain();
}

void VideoInput::drain() {
  is_draining_ = true;
  avcodec_send_packet(decoder_.get(), nullptr);
}

bool VideoInput::is_format(std::string_view name) const {
  return media::is_format(*demuxer_, name);
}

void VideoInput::fail_at_damage(int error) const {
  check_memory(error);
  if (frames_ == 0 && error >= 0) throw Error(Exit::Data, text(name_, " has no frames"));
  throw Error(Exit::Data, text(name_, " is damaged or cut short: it has ", count_text(frames_, "good frame"),
                               ", and the next one cannot be decoded (", libav_text(error), ')'))
      .hint(frames_ > 0 ? "`stop` ends the reading before it; `on_damage = \"skip\"` reads on behind it" : "");
}

}  // namespace weft::media
