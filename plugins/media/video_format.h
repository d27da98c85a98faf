#pragma once

#include <optional>
#include <string>

namespace weft::media {

/// The format and codec of a video that is written.
enum class VideoFormat {
  Mp4,   ///< H.264, YCbCr 4:2:0
  Mov,   ///< the same as QuickTime has it
  Mkv,   ///< FFV1 in RGB, which loses nothing
  WebM,  ///< VP9, YCbCr 4:2:0
  Gif
};

/// What libav needs to know of a format.
struct VideoFormatSpec {
  VideoFormat format;
  const char* ending;
  const char* muxer;
  const char* encoder;
};

const VideoFormatSpec& spec_of(VideoFormat format);

/// MP4 and MOV, which have H.264, fragments and an index.
inline bool has_index(VideoFormat format) {
  return format == VideoFormat::Mp4 || format == VideoFormat::Mov;
}

/// The format that a file's ending, in capital letters or not, asks for; nothing when weft does not write it.
std::optional<VideoFormat> format_of_file(const std::string& file);

}  // namespace weft::media
