#include "plugins/media/jpeg.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/picture.h"

#include <ATen/ops/empty.h>
#include <turbojpeg.h>

#include <memory>
#include <new>
#include <type_traits>

namespace weft::media {
namespace {

using TurboJpeg = std::unique_ptr<std::remove_pointer_t<tjhandle>, decltype(&tjDestroy)>;

TurboJpeg made(tjhandle codec) {
  if (!codec) throw std::bad_alloc();
  return {codec, &tjDestroy};
}

/// Why the library gave up.
/// @throws std::bad_alloc  when it had no memory
std::string reason_of(const TurboJpeg& codec) {
  const std::string reason = tjGetErrorStr2(codec.get());
  if (reason.find("nsufficient memory") != std::string::npos || reason.find("llocation failure") != std::string::npos)
    throw std::bad_alloc();
  return reason;
}

struct Header {
  Size size;
  int colours = 0;  ///< TJCS
};

std::optional<Header> read_header(const TurboJpeg& decoder, std::string_view bytes) {
  int width = 0, height = 0, subsampling = 0, colours = 0;
  const int code = tjDecompressHeader3(decoder.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                                       &width, &height, &subsampling, &colours);
  // Of a file that ends within its header the library says neither a size nor an error.
  if (code != 0 || width == 0 || height == 0) return {};
  return Header{{height, width}, colours};
}

[[noreturn]] void fail_to_decode(const TurboJpeg& decoder, std::string_view bytes, const std::string& file) {
  const std::string reason = reason_of(decoder);
  const bool is_cut = reason == "No error" || reason.find("remature end of ") != std::string::npos;
  if (is_cut) throw Error(Exit::Data, text(file, " is cut short: the picture is not whole"));
  const bool has_end = bytes.ends_with("\xff\xd9");
  throw Error(Exit::Data, text(file, " is not a sound JPEG: ", reason))
      .hint(has_end ? "" : "it does not end as JPEG files do, so it may have been cut short");
}

}  // namespace

bool is_jpeg(std::string_view bytes) {
  return bytes.starts_with("\xff\xd8\xff");
}

std::optional<Size> jpeg_size(std::string_view bytes) {
  const std::optional<Header> header = read_header(made(tjInitDecompress()), bytes);
  return header ? std::optional(header->size) : std::nullopt;
}

at::Tensor decode_jpeg(std::string_view bytes, const std::string& file) {
  const TurboJpeg decoder = made(tjInitDecompress());
  const std::optional<Header> header = read_header(decoder, bytes);
  if (!header) fail_to_decode(decoder, bytes, file);
  if (header->colours == TJCS_CMYK || header->colours == TJCS_YCCK) {
    throw Error(Exit::Data, text(file, " is a CMYK JPEG, for printing")).hint("convert it to RGB first");
  }
  const Size size = header->size;
  check_size(size, file);
  const at::Tensor pixels = at::empty({size.height, size.width, 3}, at::kByte);
  // Anything but 0 counts: of a file that is cut short libjpeg only warns, and fills the rest with grey.
  const int code = tjDecompress2(decoder.get(), reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size(),
                                 pixels.mutable_data_ptr<uint8_t>(), static_cast<int>(size.width), 0,
                                 static_cast<int>(size.height), TJPF_RGB, TJFLAG_LIMITSCANS);
  if (code != 0) fail_to_decode(decoder, bytes, file);
  return pixels;
}

std::string encode_jpeg(const at::Tensor& pixels, int quality) {
  const at::Tensor rows = pixels.contiguous();
  const TurboJpeg encoder = made(tjInitCompress());
  uint8_t* bytes = nullptr;
  unsigned long byte_count = 0;  // NOLINT: the library's type
  const int code = tjCompress2(encoder.get(), rows.const_data_ptr<uint8_t>(), static_cast<int>(rows.size(1)), 0,
                               static_cast<int>(rows.size(0)), TJPF_RGB, &bytes, &byte_count, TJSAMP_420, quality,
                               TJFLAG_ACCURATEDCT);
  const std::unique_ptr<uint8_t, decltype(&tjFree)> held(bytes, &tjFree);
  if (code != 0) throw Error(Exit::Failed, text("cannot encode a JPEG: ", reason_of(encoder)));
  return {reinterpret_cast<const char*>(bytes), byte_count};
}

}  // namespace weft::media
