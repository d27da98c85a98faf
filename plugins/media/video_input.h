#pragma once

#include "framework/spec/fraction.h"
#include "plugins/media/cut_file.h"
#include "plugins/media/libav.h"
#include "plugins/media/live_place.h"
#include "plugins/media/upright.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weft::media {

/// A decoded frame and when it is shown.
struct TimedFrame {
  Libav<AVFrame> frame;
  int64_t time = 0;      ///< in the input's time base; later than that of the frame before
  int64_t duration = 0;  ///< in the input's time base; above 0
};

/// What to do where frames cannot be decoded.
enum class OnDamage { Stop, Skip };

/// The pictures of a video file, of any container and codec that libav reads.
///
/// What is damaged or cut short gives the frames before it, then an error; or those behind it too, where damage is skipped.
/// Frames that a decoder has guessed never come out.
class VideoInput {
 public:
  /// Opens the file's video stream; where it has several, the one that players take.
  /// @param file  its path, or "-" for standard input
  /// @throws Error  (Data) when it cannot be read, is no video, or has no pictures
  explicit VideoInput(const std::string& file, OnDamage on_damage = OnDamage::Stop);
  /// Opens a stream that goes on while it is read. It ends where its sender ends it, or is silent.
  /// @throws Error  (Data) when it cannot be opened, or nothing that is a video comes in time
  VideoInput(const LivePlace& place, OnDamage on_damage);

  /// The next frame in the order in which they are shown; nothing at the end.
  /// @throws Error  (Data) where the file is damaged, or ends before its header says that it does
  std::optional<TimedFrame> next();
  /// Whether something was left out.
  bool has_skipped() const { return has_skipped_; }
  /// Of a live stream: whether it ended because nothing came any more.
  bool fell_silent() const { return fell_silent_; }
  /// From another thread: reading of a live stream ends now.
  void end() { patience_->end(); }

  /// Its name in messages.
  const std::string& name() const { return name_; }
  /// Frames a second: the stream's average, or its nominal rate where the two are within 1 %.
  Fraction rate() const;
  AVRational time_base() const { return stream_->time_base; }
  /// That of a frame at that rate, in the time base.
  int64_t usual_duration() const;
  /// Seconds of the file's time at which its pictures begin.
  double start() const;
  /// Whether the file has sound beside the pictures.
  bool has_sound() const;
  AVCodecID codec() const { return stream_->codecpar->codec_id; }
  /// How a frame is turned to be seen upright.
  /// @throws Error  (Data) when the angle is no multiple of 90 degrees
  Turn turn(const AVFrame& frame) const;
  /// The size of a frame as it is seen, upright and with square pixels.
  /// @throws Error  (Data) when that is absurdly large
  Size shown_size(const AVFrame& frame) const;

 private:
  VideoInput(std::string name, OnDamage on_damage, double patience);

  void open_file(const std::string& file);
  void open_place(const LivePlace& place);
  int read_packet();
  void choose_stream();
  void open_decoder();
  void feed();
  void drain();
  bool is_format(std::string_view name) const;
  std::optional<TimedFrame> take();
  int receive(AVFrame& frame);
  bool skips(int error);
  [[noreturn]] void fail_at_damage(int error) const;
  [[noreturn]] void fail_of_silence() const;

  std::string name_;
  bool skips_damage_;
  bool has_skipped_ = false;
  bool fell_silent_ = false;
  std::unique_ptr<Patience> patience_;  ///< of a live stream; libav knows its address
  Libav<AVFormatContext> demuxer_;
  AVStream* stream_ = nullptr;
  Libav<AVCodecContext> decoder_;
  Libav<AVPacket> packet_{av_packet_alloc()};
  ReadPackets packets_;
  int64_t frames_ = 0;               ///< that were given
  int64_t last_time_ = 0, end_ = 0;  ///< of the last frame
  bool has_times_ = true;            ///< whether each packet said when its picture is shown
  bool is_draining_ = false;
  int fault_ = 0;  ///< why no more was read, before the end
};

}  // namespace weft::media
