#include "tests/report/png_reader.h"

#include "framework/base/seed.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdlib>

namespace weft::report {
namespace {

uint32_t big_at(const std::string& bytes, size_t at, int count = 4) {
  uint32_t number = 0;
  for (int i = 0; i < count; ++i)
    number = number << 8 | static_cast<unsigned char>(bytes.at(at + static_cast<size_t>(i)));
  return number;
}

/// Undoes the filters of the lines of a picture.
std::vector<unsigned char> unfiltered(const std::string& lines, size_t height, size_t length) {
  std::vector<unsigned char> pixels(height * length);
  for (size_t y = 0; y < height; ++y) {
    const int type = lines.at(y * (length + 1));
    for (size_t i = 0; i < length; ++i) {
      const int a = i < 3 ? 0 : pixels[y * length + i - 3], b = y == 0 ? 0 : pixels[(y - 1) * length + i];
      const int c = i < 3 || y == 0 ? 0 : pixels[(y - 1) * length + i - 3];
      const int pa = std::abs(b - c), pb = std::abs(a - c), pc = std::abs(a + b - 2 * c);
      const int nearest = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
      const int added = type == 0 ? 0 : type == 1 ? a : type == 2 ? b : type == 3 ? (a + b) / 2 : nearest;
      pixels[y * length + i] = static_cast<unsigned char>(lines.at(y * (length + 1) + 1 + i) + added);
    }
  }
  return pixels;
}

std::vector<unsigned char> inflated(const ReadPng& png, const std::string& data) {
  const auto height = static_cast<size_t>(png.height), length = static_cast<size_t>(png.width) * 3;
  std::string lines(height * (length + 1), '\0');
  uLongf size = lines.size();
  EXPECT_EQ(uncompress(reinterpret_cast<Bytef*>(lines.data()), &size, reinterpret_cast<const Bytef*>(data.data()),
                       data.size()),
            Z_OK);
  EXPECT_EQ(size, lines.size());
  return unfiltered(lines, height, length);
}

}  // namespace

ReadPng read_png(const std::string& bytes) {
  ReadPng png;
  EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
  uint32_t next_number = 0;
  std::string type;
  for (size_t at = 8; at < bytes.size();) {
    const uint32_t size = big_at(bytes, at);
    type = bytes.substr(at + 4, 4);
    const std::string content = bytes.substr(at + 8, size);
    EXPECT_EQ(big_at(bytes, at + 8 + size), crc32(type + content)) << type;
    at += 12 + size;
    if (type == "IHDR") {
      png.width = big_at(content, 0);
      png.height = big_at(content, 4);
      EXPECT_EQ(content.substr(8), std::string("\x08\x02\0\0\0", 5)) << "8 bits, RGB";
    } else if (type == "acTL") {
      png.announced = big_at(content, 0);
      EXPECT_EQ(big_at(content, 4), 0U) << "without end";
    } else if (type == "fcTL") {
      EXPECT_EQ(big_at(content, 0), next_number++);
      EXPECT_EQ(big_at(content, 4), png.width);
      EXPECT_EQ(big_at(content, 8), png.height);
      EXPECT_EQ(content.size(), 26U);
      png.seconds.push_back(static_cast<double>(big_at(content, 20, 2)) / big_at(content, 22, 2));
    } else if (type == "IDAT") {
      png.frames.push_back(inflated(png, content));
    } else if (type == "fdAT") {
      EXPECT_EQ(big_at(content, 0), next_number++);
      png.frames.push_back(inflated(png, content.substr(4)));
    }
  }
  EXPECT_EQ(type, "IEND");
  return png;
}

std::string decoded_base64(const std::string& text) {
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    if (c == '=') break;
    held = held << 6 | static_cast<uint32_t>(digits.find(c));
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xff);
  }
  return bytes;
}

}  // namespace weft::report
