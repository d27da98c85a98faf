#include "plugins/media/png.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/picture.h"

#include <ATen/ops/empty.h>
#include <spng.h>

#include <memory>
#include <new>
#include <vector>

namespace weft::media {
namespace {

/// Bytes of texts and profiles, unpacked: of a file of some kilobytes they could be gigabytes.
constexpr size_t kMostInChunks = 32U << 20U;

using Spng = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

Spng make_decoder() {
  Spng made(spng_ctx_new(0), &spng_ctx_free);
  if (!made) throw std::bad_alloc();
  return made;
}

void check_memory(int code) {
  if (code == SPNG_EMEM || code == SPNG_EZLIB_INIT) throw std::bad_alloc();
}

[[noreturn]] void fail_to_decode(int code, const std::string& file) {
  check_memory(code);
  if (code == SPNG_IO_EOF) throw Error(Exit::Data, text(file, " is cut short: the picture is not whole"));
  throw Error(Exit::Data, text(file, " is not a sound PNG: ", spng_strerror(code)));
}

void check(int code, const std::string& file) {
  if (code != SPNG_OK) fail_to_decode(code, file);
}

/// A decoder that has read the header.
struct Decoder {
  Decoder(std::string_view bytes, const std::string& file) {
    check(spng_set_chunk_limits(spng.get(), kMostInChunks, kMostInChunks), file);
    check(spng_set_png_buffer(spng.get(), bytes.data(), bytes.size()), file);
    check(spng_get_ihdr(spng.get(), &header), file);
    check_size(size(), file);
  }

  Size size() const { return {header.height, header.width}; }

  void decode(void* pixels, size_t byte_count, spng_format format, const std::string& file) {
    check(spng_decode_image(spng.get(), pixels, byte_count, format, 0), file);
    check(spng_decode_chunks(spng.get()), file);  // the checksum of the last pixels, and that the file has an end
  }

  Spng spng = make_decoder();
  spng_ihdr header{};
};

/// Rows of pixels of fewer than 8 bits, each row begun at a byte, become a byte a pixel.
void unpack(const std::vector<uint8_t>& packed, Size size, int bits, uint8_t* pixels) {
  const size_t row_bytes = packed.size() / static_cast<size_t>(size.height);
  const int mask = (1 << bits) - 1;
  for (int64_t y = 0; y < size.height; ++y) {
    const uint8_t* row = packed.data() + static_cast<size_t>(y) * row_bytes;
    for (int64_t x = 0; x < size.width; ++x) {
      const int64_t bit = x * bits;
      *pixels++ = static_cast<uint8_t>(row[bit / 8] >> (8 - bits - bit % 8) & mask);
    }
  }
}

/// Numbers of each pixel.
int64_t channels_of(const spng_ihdr& header) {
  switch (header.color_type) {
    case SPNG_COLOR_TYPE_TRUECOLOR:
      return 3;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return 2;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
      return 4;
    default:
      return 1;
  }
}

/// The number of each pixel, of [H, W, C]: grey, or three equal numbers; transparency does not count.
at::Tensor first_of_equal(const at::Tensor& numbers, const std::string& file) {
  const at::Tensor first = numbers.select(2, 0);
  const bool is_grey = numbers.size(2) < 3;
  if (is_grey || (first.equal(numbers.select(2, 1)) && first.equal(numbers.select(2, 2)))) return first.contiguous();
  throw Error(Exit::Data, text(file, " holds colours, but ids are one number a pixel"))
      .hint(
          "`palette` or `palette_file` says which class has which colour; `weft data palette` writes such a file; "
          "else give grey PNGs, or PNGs with indices");
}

}  // namespace

bool is_png(std::string_view bytes) {
  return bytes.starts_with("\x89PNG\r\n\x1a\n");
}

Size png_size(std::string_view bytes, const std::string& file) {
  return Decoder(bytes, file).size();
}

at::Tensor decode_png_rgb(std::string_view bytes, const std::string& file) {
  Decoder decoder(bytes, file);
  const Size size = decoder.size();
  const at::Tensor pixels = at::empty({size.height, size.width, 3}, at::kByte);
  decoder.decode(pixels.data_ptr(), pixels.nbytes(), SPNG_FMT_RGB8, file);
  return pixels;
}

at::Tensor decode_png_ids(std::string_view bytes, const std::string& file) {
  Decoder decoder(bytes, file);
  const Size size = decoder.size();
  const int bits = decoder.header.bit_depth;
  if (bits < 8) {
    const at::Tensor ids = at::empty({size.height, size.width}, at::kByte);
    std::vector<uint8_t> packed(static_cast<size_t>(size.height * ((size.width * bits + 7) / 8)));
    decoder.decode(packed.data(), packed.size(), SPNG_FMT_PNG, file);
    unpack(packed, size, bits, ids.mutable_data_ptr<uint8_t>());
    return ids;
  }
  const at::Tensor numbers =
      at::empty({size.height, size.width, channels_of(decoder.header)}, bits == 16 ? at::kShort : at::kByte);
  decoder.decode(numbers.data_ptr(), numbers.nbytes(), SPNG_FMT_PNG, file);
  return first_of_equal(numbers, file);
}

at::Tensor decode_png_rgb16(std::string_view bytes, const std::string& file) {
  Decoder decoder(bytes, file);
  if (decoder.header.color_type != SPNG_COLOR_TYPE_TRUECOLOR || decoder.header.bit_depth != 16)
    throw Error(Exit::Data, text(file, " is no PNG in RGB of 16 bits"));
  const Size size = decoder.size();
  const at::Tensor numbers = at::empty({size.height, size.width, 3}, at::kShort);
  decoder.decode(numbers.data_ptr(), numbers.nbytes(), SPNG_FMT_PNG, file);
  return numbers.to(at::kInt).bitwise_and(0xffff);
}

}  // namespace weft::media
