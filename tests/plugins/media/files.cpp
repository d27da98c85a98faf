#include "tests/plugins/media/files.h"

#include "framework/base/seed.h"

#include <sys/resource.h>
#include <turbojpeg.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <vector>

namespace weft::testing {
namespace {

std::string big_endian(uint32_t number) {
  std::string bytes;
  for (const int shift : {24, 16, 8, 0}) bytes += static_cast<char>(number >> shift & 0xFF);
  return bytes;
}

std::string chunk(const std::string& type, const std::string& content) {
  const std::string checked = type + content;
  return big_endian(static_cast<uint32_t>(content.size())) + checked + big_endian(crc32(checked));
}

/// The bytes as a zlib stream of stored blocks.
std::string stored(const std::string& bytes) {
  constexpr size_t kMostInBlock = 65535;
  std::string stream = "\x78\x01";
  uint32_t low = 1, high = 0;
  for (const char byte : bytes) {
    low = (low + static_cast<uint8_t>(byte)) % 65521;
    high = (high + low) % 65521;
  }
  for (size_t begin = 0; begin < bytes.size(); begin += kMostInBlock) {
    const size_t size = std::min(kMostInBlock, bytes.size() - begin);
    stream += begin + size == bytes.size() ? '\x01' : '\0';
    for (const size_t word : {size, ~size}) {
      stream += static_cast<char>(word & 0xFF);
      stream += static_cast<char>(word >> 8 & 0xFF);
    }
    stream += bytes.substr(begin, size);
  }
  return stream + big_endian(high << 16 | low);
}

std::string encode_jpeg(const std::vector<uint8_t>& pixels, int format) {
  constexpr int kSide = 16;
  const tjhandle encoder = tjInitCompress();
  uint8_t* bytes = nullptr;
  unsigned long byte_count = 0;  // NOLINT: the library's type
  tjCompress2(encoder, pixels.data(), kSide, 0, kSide, format, &bytes, &byte_count,
              format == TJPF_GRAY ? TJSAMP_GRAY : TJSAMP_444, 100, 0);
  const std::string file(reinterpret_cast<const char*>(bytes), byte_count);
  tjFree(bytes);
  tjDestroy(encoder);
  return file;
}

constexpr unsigned kNobody = 65534;

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = std::filesystem::temp_directory_path() / "weft-test-XXXXXX";
  path_ = mkdtemp(pattern.data());
  std::filesystem::permissions(path_, std::filesystem::perms::all);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TemporaryFolder::add(const std::string& name, std::string_view bytes) const {
  const std::string file = path_ / name;
  std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file;
}

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string png_file(const Png& png) {
  std::string header = big_endian(png.width) + big_endian(png.height);
  for (const int part : {png.bits, static_cast<int>(png.colours), 0, 0, 0}) header += static_cast<char>(part);
  std::string filtered;
  const size_t row_bytes = png.rows.size() / png.height;
  for (uint32_t y = 0; y < png.height; ++y) filtered += '\0' + png.rows.substr(y * row_bytes, row_bytes);
  const std::string named_profile = std::string("a\0\0", 3) + png.profile;
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + (png.profile.empty() ? "" : chunk("iCCP", named_profile)) +
         (png.palette.empty() ? "" : chunk("PLTE", png.palette)) + chunk("IDAT", stored(filtered)) + chunk("IEND", "");
}

std::string grey_pixel(uint8_t value) {
  return png_file({.rows = std::string(1, static_cast<char>(value))});
}

std::string jpeg_file(uint8_t red, uint8_t green, uint8_t blue) {
  std::vector<uint8_t> pixels;
  for (int i = 0; i < 16 * 16; ++i) pixels.insert(pixels.end(), {red, green, blue});
  return encode_jpeg(pixels, TJPF_RGB);
}

std::string cmyk_jpeg_file() {
  return encode_jpeg(std::vector<uint8_t>(16 * 16 * 4, 100), TJPF_CMYK);
}

RightsOfNobody::RightsOfNobody() : own_(geteuid()) {
  if (own_ == 0 && seteuid(kNobody) != 0) std::abort();
}

RightsOfNobody::~RightsOfNobody() {
  if (own_ == 0 && seteuid(0) != 0) std::abort();
}

FullDisk::FullDisk(uint64_t bytes) {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit_ = limit.rlim_cur;
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_FSIZE, &limit);
  // Writes then fail, as they do on a full disk; otherwise the signal would end the process.
  handler_ = std::signal(SIGXFSZ, SIG_IGN);
}

FullDisk::~FullDisk() {
  rlimit limit{};
  getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = limit_;
  setrlimit(RLIMIT_FSIZE, &limit);
  std::signal(SIGXFSZ, handler_);
}

}  // namespace weft::testing
