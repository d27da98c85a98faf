#pragma once

#include "framework/base/error.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace weft::testing {

/// A folder of a test's own, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ / name; }
  /// Writes a file and tells its path.
  std::string add(const std::string& name, std::string_view bytes) const;

 private:
  std::filesystem::path path_;
};

/// The whole content of a file.
std::string content_of(const std::string& file);

/// What a PNG file is made of.
struct Png {
  enum Colours { Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6 };

  uint32_t width = 1;
  uint32_t height = 1;
  int bits = 8;
  Colours colours = Grey;
  std::string rows{};     ///< packed as the format says, one row after the other
  std::string palette{};  ///< three bytes an entry
  std::string profile{};  ///< of colours, as a zlib stream
};

/// The file, without compression, so that it can be checked by eye and needs no library.
std::string png_file(const Png& png);

/// A grey PNG of one pixel.
std::string grey_pixel(uint8_t value);

/// A JPEG of one colour, 16x16, of the best quality; grey comes back exactly.
std::string jpeg_file(uint8_t red, uint8_t green, uint8_t blue);
/// A CMYK JPEG.
std::string cmyk_jpeg_file();

/// The text of the weft::Error that `action` ends with, or empty.
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// While it lives, the process has no more rights than anybody, also where tests run as root.
class RightsOfNobody {
 public:
  RightsOfNobody();
  ~RightsOfNobody();
  RightsOfNobody(const RightsOfNobody&) = delete;
  RightsOfNobody& operator=(const RightsOfNobody&) = delete;

 private:
  unsigned own_ = 0;
};

/// While it lives, files cannot grow beyond `bytes`: the disk is full, as far as a writer can tell.
class FullDisk {
 public:
  explicit FullDisk(uint64_t bytes);
  ~FullDisk();
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  uint64_t limit_ = 0;
  void (*handler_)(int) = nullptr;
};

}  // namespace weft::testing
