#include "plugins/media/video_format.h"

#include "framework/base/text.h"

#include <array>
#include <filesystem>

namespace weft::media {
namespace {

constexpr std::array<VideoFormatSpec, 5> kFormats = {{{VideoFormat::Mp4, ".mp4", "mp4", "libx264"},
                                                      {VideoFormat::Mov, ".mov", "mov", "libx264"},
                                                      {VideoFormat::Mkv, ".mkv", "matroska", "ffv1"},
                                                      {VideoFormat::WebM, ".webm", "webm", "libvpx-vp9"},
                                                      {VideoFormat::Gif, ".gif", "gif", "gif"}}};

}  // namespace

const VideoFormatSpec& spec_of(VideoFormat format) {
  return kFormats[static_cast<size_t>(format)];
}

std::optional<VideoFormat> format_of_file(const std::string& file) {
  const std::string ending = lower_case(std::filesystem::path(file).extension());
  for (const VideoFormatSpec& spec : kFormats) {
    if (ending == spec.ending) return spec.format;
  }
  return {};
}

}  // namespace weft::media
