#include "framework/report/png.h"

#include "framework/base/error.h"
#include "framework/base/seed.h"

#include <ATen/TensorOperators.h>
#include <zlib.h>

#include <array>
#include <cmath>
#include <cstdlib>

namespace weft::report {
namespace {

constexpr size_t kChannels = 3;

void put_big(std::string& out, uint32_t number, int bytes = 4) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void put_chunk(std::string& out, const std::string& type, const std::string& content) {
  put_big(out, static_cast<uint32_t>(content.size()));
  out += type + content;
  put_big(out, crc32(type + content));
}

/// What the filter of type 4 takes off: the neighbour that is nearest to left + up - corner.
int paeth(int left, int up, int corner) {
  const int estimate = left + up - corner;
  const int to_left = std::abs(estimate - left), to_up = std::abs(estimate - up);
  const int to_corner = std::abs(estimate - corner);
  if (to_left <= to_up && to_left <= to_corner) return left;
  return to_up <= to_corner ? up : corner;
}

/// A line through filter `type`, with the type before it.
/// @param before  the line above; zeros above the first
std::string filtered(const unsigned char* line, const unsigned char* before, size_t length, int type) {
  std::string out(1, static_cast<char>(type));
  for (size_t i = 0; i < length; ++i) {
    const int left = i < kChannels ? 0 : line[i - kChannels], corner = i < kChannels ? 0 : before[i - kChannels];
    const std::array<int, 5> taken = {0, left, before[i], (left + before[i]) / 2, paeth(left, before[i], corner)};
    out += static_cast<char>(line[i] - taken[static_cast<size_t>(type)]);
  }
  return out;
}

/// How much is left of a line: the sum of its bytes as signed numbers, the heuristic of the specification.
int64_t remainder_of(const std::string& line) {
  int64_t sum = 0;
  for (size_t i = 1; i < line.size(); ++i) sum += std::abs(static_cast<int>(static_cast<signed char>(line[i])));
  return sum;
}

std::string deflated(const std::string& plain) {
  uLongf size = compressBound(plain.size());
  std::string out(size, '\0');
  const int status = compress2(reinterpret_cast<Bytef*>(out.data()), &size,
                               reinterpret_cast<const Bytef*>(plain.data()), plain.size(), 6);
  if (status != Z_OK) throw Error(Exit::Memory, "there is no memory to compress a picture");
  out.resize(size);
  return out;
}

/// How long and where the next picture is shown: all of the canvas, in the place of what was there.
std::string frame_control(uint32_t number, int64_t height, int64_t width, double frames_per_second) {
  std::string control;
  put_big(control, number);
  put_big(control, static_cast<uint32_t>(width));
  put_big(control, static_cast<uint32_t>(height));
  put_big(control, 0);
  put_big(control, 0);
  put_big(control, static_cast<uint32_t>(std::lround(1000 / frames_per_second)), 2);  // a delay of so many …
  put_big(control, 1000, 2);                                                          // … milliseconds
  return control + std::string(2, '\0');
}

}  // namespace

at::Tensor picture_bytes(const at::Tensor& picture) {
  return ((picture.detach().to(at::kFloat).clamp(-1, 1) + 1) * 127.5)
      .round()
      .to(at::kByte)
      .permute({1, 2, 0})
      .contiguous()
      .cpu();  // [H, W, 3]
}

std::string compressed_lines(const at::Tensor& bytes) {
  const auto height = static_cast<size_t>(bytes.size(0)), length = static_cast<size_t>(bytes.size(1)) * kChannels;
  const auto* first = bytes.const_data_ptr<uint8_t>();
  const std::string zeros(length, '\0');
  std::string lines;
  for (size_t y = 0; y < height; ++y) {
    const unsigned char* line = first + y * length;
    const auto* before = y == 0 ? reinterpret_cast<const unsigned char*>(zeros.data()) : line - length;
    std::string best = filtered(line, before, length, 0);
    for (int type = 1; type < 5; ++type) {
      std::string other = filtered(line, before, length, type);
      if (remainder_of(other) < remainder_of(best)) best = std::move(other);
    }
    lines += best;
  }
  return deflated(lines);
}

std::string animated_png(int64_t height, int64_t width, const std::vector<std::string>& lines,
                         double frames_per_second) {
  std::string header, animation, png = "\x89PNG\r\n\x1a\n";
  put_big(header, static_cast<uint32_t>(width));
  put_big(header, static_cast<uint32_t>(height));
  put_chunk(png, "IHDR", header + std::string("\x08\x02\x00\x00\x00", 5));  // 8 bits, RGB
  put_big(animation, static_cast<uint32_t>(lines.size()));
  put_big(animation, 0);  // plays for ever
  if (lines.size() > 1) put_chunk(png, "acTL", animation);
  uint32_t number = 0;  // of the chunks that belong to the animation
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines.size() > 1) put_chunk(png, "fcTL", frame_control(number++, height, width, frames_per_second));
    std::string content;
    if (i > 0) put_big(content, number++);
    put_chunk(png, i == 0 ? "IDAT" : "fdAT", content + lines[i]);
  }
  put_chunk(png, "IEND", "");
  return png;
}

std::string png_of(const at::Tensor& picture) {
  return animated_png(picture.size(1), picture.size(2), {compressed_lines(picture_bytes(picture))}, 1);
}

}  // namespace weft::report
