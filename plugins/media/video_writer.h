#pragma once

#include "framework/spec/fraction.h"
#include "plugins/media/encoder_frame.h"
#include "plugins/media/libav.h"
#include "plugins/media/load_size.h"
#include "plugins/media/sound_track.h"
#include "plugins/media/video_format.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weft::media {

/// How a video is written.
struct VideoOptions {
  std::string file;  ///< or "-" for standard output
  VideoFormat format = VideoFormat::Mp4;
  Fraction frames_per_second;
  double quality = 18;  ///< the encoder's constant rate factor: x264's from 0, lossless, to 51, VP9's to 63, the worst
  std::string preset = "medium";  ///< x264's
  std::string sound_file;         ///< whose sound goes along; empty: none
  double sound_start = 0;         ///< seconds of that file at which the pictures begin
};

/// A video file that grows frame by frame and can be played at every moment of its growth.
///
/// MP4 and MOV are written in fragments, Matroska and WebM in clusters, each begun by a key frame, at least one a second. When the
/// program is killed, only the current fragment and the frames in the encoder's look-ahead are lost.
/// put_index_first makes an MP4 file an ordinary one when it is done.
class VideoWriter {
 public:
  /// Makes the file; one of that name is replaced.
  /// @throws Error  (Failed) when the file or the encoder cannot be opened
  VideoWriter(VideoOptions options, Size size);
  /// Leaves the file as it is.
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;

  /// Whether frames can be added: not after finish() or an error.
  bool is_open() const { return muxer_ != nullptr; }
  /// The size of the frames that are given.
  Size size() const { return size_; }
  /// The size of the video, which is even in H.264 and VP9.
  Size video_size() const { return {frame_->get()->height, frame_->get()->width}; }
  const VideoOptions& options() const { return options_; }
  /// Why the sound that was asked for does not go along; empty: it does, or there is none.
  const std::string& lost_sound() const { return lost_sound_; }

  /// Adds a frame.
  /// @param rgb  [H, W, 3], rows without gaps
  /// @throws Error  (Failed) when the file cannot be written; it then ends with its last whole part
  void write(const uint8_t* rgb);

  /// Writes what the encoder still holds, and closes the file.
  /// @throws Error  (Failed) as write does
  void finish();

 private:
  std::string name() const { return options_.file == "-" ? "standard output" : options_.file; }
  void open_encoder();
  void open_file();
  void open_sound();
  void encode(const AVFrame* frame);
  void write_packet();
  int close();
  [[noreturn]] void fail_at(int error);

  VideoOptions options_;
  Size size_;
  std::unique_ptr<EncoderFrame> frame_;
  Libav<AVCodecContext> encoder_;
  Libav<AVPacket> packet_;
  std::unique_ptr<SoundTrack> sound_;
  std::string lost_sound_;
  AVFormatContext* muxer_ = nullptr;
  int64_t frames_ = 0;
  int64_t header_bytes_ = 0;
  int64_t whole_bytes_ = 0;  ///< where the last whole part ends; 0 before the first
};

}  // namespace weft::media
