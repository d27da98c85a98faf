#include "framework/vision/png.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <spng.h>

#include <cstdlib>
#include <memory>
#include <new>

namespace weft::vision {

std::string encode_png(const at::Tensor& pixels, Packing packing) {
  const at::Tensor rows = pixels.contiguous();
  const std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)> spng(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
  if (!spng) throw std::bad_alloc();
  spng_ihdr header{};
  header.height = static_cast<uint32_t>(rows.size(0));
  header.width = static_cast<uint32_t>(rows.size(1));
  header.bit_depth = rows.scalar_type() == at::kShort ? 16 : 8;
  header.color_type = rows.dim() == 3 ? SPNG_COLOR_TYPE_TRUECOLOR : SPNG_COLOR_TYPE_GRAYSCALE;
  spng_set_option(spng.get(), SPNG_ENCODE_TO_BUFFER, 1);
  const bool is_fast = packing == Packing::Fast;
  spng_set_option(spng.get(), SPNG_FILTER_CHOICE, is_fast ? SPNG_FILTER_CHOICE_UP : SPNG_FILTER_CHOICE_ALL);
  spng_set_option(spng.get(), SPNG_IMG_COMPRESSION_LEVEL, is_fast ? 4 : 6);
  spng_set_ihdr(spng.get(), &header);
  int code = spng_encode_image(spng.get(), rows.data_ptr(), rows.nbytes(), SPNG_FMT_PNG, SPNG_ENCODE_FINALIZE);
  size_t byte_count = 0;
  const std::unique_ptr<void, decltype(&std::free)> bytes(
      code == SPNG_OK ? spng_get_png_buffer(spng.get(), &byte_count, &code) : nullptr, &std::free);
  if (code == SPNG_EMEM || code == SPNG_EZLIB_INIT) throw std::bad_alloc();
  if (!bytes) throw Error(Exit::Failed, text("cannot encode a PNG: ", spng_strerror(code)));
  return {static_cast<const char*>(bytes.get()), byte_count};
}

}  // namespace weft::vision
