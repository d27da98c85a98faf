#include "plugins/media/png.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/media/picture.h"

#include <ATen/ops/empty.h>
#include <spng.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <vector>

namespace weft::media {
namespace {

/// Bytes of texts and profiles, unpacked: of a file of some kilobytes they could be gigabytes.
constexpr size_t kMostInChunks = 32U << 20U;

using Spng = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

Spng make_spng(int flags) {
  Spng made(spng_ctx_new(flags), &spng_ctx_free);
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
  }

  Spng spng = make_spng(0);
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

const char* describe_colours(int colour_type) {
  switch (colour_type) {
    case SPNG_COLOR_TYPE_TRUECOLOR:
      return "RGB";
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return "grey with transparency";
    default:
      return "RGB with transparency";
  }
}

void check_one_number_a_pixel(const spng_ihdr& header, const std::string& file) {
  const int type = header.color_type;
  if (type == SPNG_COLOR_TYPE_GRAYSCALE || type == SPNG_COLOR_TYPE_INDEXED) return;
  throw Error(Exit::Data, text(file, " is ", describe_colours(type), ", but ids are one number a pixel"))
      .hint(
          "give grey PNGs of 8 or 16 bits, or palette PNGs, whose indices are the ids; pictures are read by "
          "media.image_folder");
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
  check_one_number_a_pixel(decoder.header, file);
  const Size size = decoder.size();
  const int bits = decoder.header.bit_depth;
  const at::Tensor ids = at::empty({size.height, size.width}, bits == 16 ? at::kShort : at::kByte);
  if (bits >= 8) {
    decoder.decode(ids.data_ptr(), ids.nbytes(), SPNG_FMT_PNG, file);
    return ids;
  }
  std::vector<uint8_t> packed(static_cast<size_t>(size.height * ((size.width * bits + 7) / 8)));
  decoder.decode(packed.data(), packed.size(), SPNG_FMT_PNG, file);
  unpack(packed, size, bits, ids.mutable_data_ptr<uint8_t>());
  return ids;
}

std::string encode_png(const at::Tensor& pixels) {
  const at::Tensor rows = pixels.contiguous();
  const Spng spng = make_spng(SPNG_CTX_ENCODER);
  spng_ihdr header{};
  header.height = static_cast<uint32_t>(rows.size(0));
  header.width = static_cast<uint32_t>(rows.size(1));
  header.bit_depth = rows.scalar_type() == at::kShort ? 16 : 8;
  header.color_type = rows.dim() == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_GRAYSCALE;
  spng_set_option(spng.get(), SPNG_ENCODE_TO_BUFFER, 1);
  // Of photographs the difference to the row above, packed lightly, costs a quarter of the library's defaults
  // in time and makes files 13 % larger; of label maps it makes smaller ones as well.
  spng_set_option(spng.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP);
  spng_set_option(spng.get(), SPNG_IMG_COMPRESSION_LEVEL, 4);
  spng_set_ihdr(spng.get(), &header);
  int code = spng_encode_image(spng.get(), rows.data_ptr(), rows.nbytes(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  size_t byte_count = 0;
  const std::unique_ptr<void, decltype(&std::free)> bytes(
      code == SPNG_OK ? spng_get_png_buffer(spng.get(), &byte_count, &code) : nullptr, &std::free);
  check_memory(code);
  if (!bytes) throw Error(Exit::Failed, text("cannot encode a PNG: ", spng_strerror(code)));
  return {static_cast<const char*>(bytes.get()), byte_count};
}

}  // namespace weft::media
