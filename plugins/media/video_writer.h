#pragma once

#include "plugins/media/libav.h"
#include "plugins/media/load_size.h"
#include "plugins/media/yuv_frame.h"

#include <cstdint>
#include <string>

namespace weft::media {

/// How a video is written.
struct VideoOptions {
  std::string file;
  double frames_per_second = 0;
  double quality = 0;  ///< x264's constant rate factor: 0 loses nothing, 51 is the worst
  std::string preset;  ///< of x264
};

/// An MP4 file with H.264 that grows frame by frame and can be played at every moment of its growth.
///
/// It is written in fragments, each with its own index and begun by a key frame, at least one a second. When
/// the program is killed, the fragment in hand and the frames that the encoder looks ahead at are lost, and
/// nothing else. put_index_first makes the file an ordinary MP4 when it is done.
class Mp4Writer {
 public:
  /// Makes the file; one of that name is replaced.
  /// @throws Error  (Failed) when the file or the encoder cannot be opened
  Mp4Writer(VideoOptions options, Size size);
  /// Leaves the file as it is.
  ~Mp4Writer();
  Mp4Writer(const Mp4Writer&) = delete;
  Mp4Writer& operator=(const Mp4Writer&) = delete;

  /// Whether frames can be added: not after finish() or an error.
  bool is_open() const { return muxer_ != nullptr; }
  /// The size of the frames that are given.
  Size size() const { return size_; }
  /// The size of the video, which is even.
  Size video_size() const { return frame_.size(); }

  /// Adds a frame.
  /// @param rgb  [H, W, 3], rows without gaps
  /// @throws Error  (Failed) when the file cannot be written; it then ends with its last whole fragment
  void write(const uint8_t* rgb);

  /// Writes what the encoder still holds, and closes the file.
  /// @throws Error  (Failed) as write does
  void finish();

 private:
  void open_encoder();
  void open_file();
  void encode(const AVFrame* frame);
  void write_packet();
  int close();
  [[noreturn]] void fail_at(int error);

  VideoOptions options_;
  Size size_;
  YuvFrame frame_;
  Libav<AVCodecContext> encoder_;
  Libav<AVPacket> packet_;
  AVFormatContext* muxer_ = nullptr;
  int64_t frames_ = 0;
  int64_t header_bytes_ = 0;
  int64_t whole_bytes_ = 0;  ///< where the last whole fragment ends; 0 before the first
};

}  // namespace weft::media
