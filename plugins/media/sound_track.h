#pragma once

#include "plugins/media/libav.h"

#include <memory>
#include <optional>
#include <string>

namespace weft::media {

/// The sound of a video file, packet by packet as it is coded, so that it can go along with other pictures.
class SoundTrack {
 public:
  /// @param file   a file that libav reads
  /// @param start  seconds of the file's time at which the pictures begin
  /// @returns nothing when the file has no sound
  /// @throws Error  (Data) when it cannot be read
  static std::unique_ptr<SoundTrack> open(const std::string& file, double start);

  /// Whether a format takes the codec. @param muxer  of libav
  bool fits(const AVOutputFormat& muxer) const;
  /// Such as "aac".
  std::string codec() const;

  /// A stream for it in a file that is made.
  void add_stream(AVFormatContext& muxer);
  /// Writes what is heard before a time. Damage ends the sound there.
  /// @param seconds  from where the pictures begin
  /// @returns below 0 at a fault of writing, as all of libav
  int write_until(double seconds, AVFormatContext& muxer);

 private:
  SoundTrack() = default;
  bool read();

  Libav<AVFormatContext> demuxer_;
  AVStream* from_ = nullptr;
  AVStream* to_ = nullptr;
  Libav<AVPacket> packet_;
  int64_t start_ = 0;        ///< in the stream's time base
  bool has_packet_ = false;  ///< whether packet_ waits for its time
};

}  // namespace weft::media
