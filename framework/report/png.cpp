#include "framework/report/png.h"

#include "framework/base/seed.h"
#include "framework/vision/png.h"

#include <ATen/TensorOperators.h>

#include <cmath>
#include <cstdint>
#include <string_view>

namespace weft::report {
namespace {

constexpr std::string_view kSignature = "\x89PNG\r\n\x1a\n";

void put_big(std::string& out, uint32_t number, int bytes = 4) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xff);
}

void put_chunk(std::string& out, const std::string& type, const std::string& content) {
  put_big(out, static_cast<uint32_t>(content.size()));
  out += type + content;
  put_big(out, crc32(type + content));
}

uint32_t big_at(std::string_view bytes, size_t at) {
  uint32_t number = 0;
  for (size_t i = 0; i < 4; ++i) number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

/// The contents of all chunks of a type, end to end.
std::string content_of(std::string_view png, std::string_view type) {
  std::string content;
  for (size_t at = kSignature.size(); at < png.size();) {
    const size_t length = big_at(png, at);
    if (png.substr(at + 4, 4) == type) content += png.substr(at + 8, length);
    at += 12 + length;  // its length and type before, its checksum behind
  }
  return content;
}

/// How long and where the next picture is shown: all of the canvas, in the place of what was there.
/// @param size  width and height, as in a header
std::string frame_control(uint32_t number, const std::string& size, double frames_per_second) {
  std::string control;
  put_big(control, number);
  control += size;
  put_big(control, 0);
  put_big(control, 0);
  put_big(control, static_cast<uint32_t>(std::lround(1000 / frames_per_second)), 2);  // a delay of so many …
  put_big(control, 1000, 2);                                                          // … milliseconds
  return control + std::string(2, '\0');
}

}  // namespace

std::string png_of(const at::Tensor& picture) {
  const at::Tensor bytes = ((picture.detach().to(at::kFloat).clamp(-1, 1) + 1) * 127.5).round().to(at::kByte);
  return vision::encode_png(bytes.permute({1, 2, 0}).cpu(), vision::Packing::Small);  // [H, W, 3]
}

std::string animated_png(const std::vector<std::string>& pictures, double frames_per_second) {
  if (pictures.size() == 1) return pictures.front();
  const std::string header = content_of(pictures.front(), "IHDR"), size = header.substr(0, 8);
  std::string animation, png(kSignature);
  put_chunk(png, "IHDR", header);
  put_big(animation, static_cast<uint32_t>(pictures.size()));
  put_big(animation, 0);  // plays for ever
  put_chunk(png, "acTL", animation);
  uint32_t number = 0;  // of the chunks that belong to the animation
  for (size_t i = 0; i < pictures.size(); ++i) {
    put_chunk(png, "fcTL", frame_control(number++, size, frames_per_second));
    std::string content;
    if (i > 0) put_big(content, number++);
    put_chunk(png, i == 0 ? "IDAT" : "fdAT", content + content_of(pictures[i], "IDAT"));
  }
  put_chunk(png, "IEND", "");
  return png;
}

}  // namespace weft::report
