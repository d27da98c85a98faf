#include "plugins/media/video_format.h"

#include <algorithm>
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
  std::string ending = std::filesystem::path(file).extension();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const VideoFormatSpec& spec : kFormats) {
    if (ending == spec.ending) return spec.format;
  }
  return {};
}

}  // namespace weft::media
