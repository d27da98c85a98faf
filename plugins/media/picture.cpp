#include "plugins/media/picture.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "plugins/media/exif.h"
#include "plugins/media/jpeg.h"
#include "plugins/media/png.h"
#ifdef WEFT_HAS_LIBAV
#include "plugins/media/libav_picture.h"
#endif

#include <ATen/ops/empty.h>

#include <array>

namespace weft::media {
namespace {

constexpr int64_t kMostBytes = 1'000'000'000;  // of so many pixels, of 8 bytes, packed in no way
/// Enough for the header of a JPEG without a thumbnail or a colour profile in front; else the whole file is
/// read.
constexpr size_t kHeaderBytes = 4096;

[[noreturn]] void fail_to_recognise(std::string_view bytes, const std::string& file) {
  if (bytes.empty()) throw Error(Exit::Data, text(file, " is empty: it has 0 bytes"));
  throw Error(Exit::Data, text(file, " is no picture that can be read, although its name says so"))
      .hint("convert it to PNG, or remove it from the folder");
}

/// The picture as its file has it, before it is turned.
at::Tensor decode_picture(std::string_view bytes, const std::string& file) {
  if (is_png(bytes)) return decode_png_rgb(bytes, file);
  if (is_jpeg(bytes)) return decode_jpeg(bytes, file);
#ifdef WEFT_HAS_LIBAV
  if (const auto format = libav_picture(bytes)) return decode_libav_rgb(*format, bytes, file);
#endif
  fail_to_recognise(bytes, file);
}

/// @throws Error  (Data) when the format of a file changes numbers
void check_exact(std::string_view bytes, const std::string& file) {
  if (!is_jpeg(bytes)) return;
  throw Error(Exit::Data, text(file, " is a JPEG, which changes numbers, so it cannot hold ids"))
      .hint("give the PNG files that it was made from");
}

Turn turn_of_picture(std::string_view bytes) {
  return is_jpeg(bytes) ? exif_turn(bytes) : Turn{};
}

Size size_of_whole(const std::string& file) {
  const at::Tensor picture = read_picture(file);  // says what is wrong with the header
  return {picture.size(0), picture.size(1)};
}

using ValueOfByte = std::array<float, 256>;

ValueOfByte values_of_bytes() {
  ValueOfByte value_of{};
  for (size_t byte = 0; byte < value_of.size(); ++byte) {
    value_of[byte] = (static_cast<float>(byte) / 255.0F - 0.5F) / 0.5F;
  }
  return value_of;
}

/// The byte for a value of an image.
uint8_t byte_of(float value, const ValueOfByte& value_of) {
  const float level = (value + 1.0F) / 2.0F * 255.0F;
  const float clipped = level > 0.0F ? (level < 255.0F ? level : 255.0F) : 0.0F;
  const auto above = static_cast<uint8_t>(clipped + 0.5F);
  return value_of[above] == value ? above : static_cast<uint8_t>(clipped);
}

}  // namespace

void check_size(Size size, const std::string& file) {
  if (size.width > 0 && size.height > 0 && size.width <= kMostPixels / size.height) return;
  throw Error(Exit::Data, text(file, " claims to have ", size_text(size), " pixels; at most ", kMostPixels / 1'000'000,
                               " million are read"));
}

Size picture_size(const std::string& file) {
  const std::string bytes = data::OrdinaryFile(file).read(kHeaderBytes);
  if (is_png(bytes)) return png_size(bytes, file);
  const std::optional<Size> size = is_jpeg(bytes) ? jpeg_size(bytes) : std::nullopt;
  return size ? upright_size(*size, 1, exif_turn(bytes)) : size_of_whole(file);
}

at::Tensor read_picture(const std::string& file) {
  const std::string bytes = data::read_small_file(file, kMostBytes);
  const at::Tensor stored = decode_picture(bytes, file);  // [H, W, 3]
  const Turn turn = turn_of_picture(bytes);
  return turn.is_none() ? stored : turned(stored.permute({2, 0, 1}), turn).permute({1, 2, 0}).contiguous();
}

at::Tensor read_painted_ids(const std::string& file, const data::Palette& palette) {
  const std::string bytes = data::read_small_file(file, kMostBytes);
  check_exact(bytes, file);
  return palette.ids_of(decode_picture(bytes, file), file);
}

at::Tensor read_ids(const std::string& file) {
  const std::string bytes = data::read_small_file(file, kMostBytes);
  check_exact(bytes, file);
  if (is_png(bytes)) return decode_png_ids(bytes, file);
#ifdef WEFT_HAS_LIBAV
  if (const auto format = libav_picture(bytes)) return decode_libav_ids(*format, bytes, file);
#endif
  fail_to_recognise(bytes, file);
}

at::Tensor image_of_bytes(const at::Tensor& bytes) {
  const ValueOfByte value_of = values_of_bytes();
  const at::Tensor rows = bytes.contiguous();
  const int64_t height = rows.size(0), width = rows.size(1), count = height * width;
  at::Tensor image = at::empty({1, 3, height, width}, at::kFloat);
  const uint8_t* from = rows.const_data_ptr<uint8_t>();
  float* red = image.mutable_data_ptr<float>();
  float* green = red + count;
  float* blue = green + count;
  for (int64_t i = 0; i < count; ++i) {
    red[i] = value_of[from[3 * i]];
    green[i] = value_of[from[3 * i + 1]];
    blue[i] = value_of[from[3 * i + 2]];
  }
  return image;
}

at::Tensor bytes_of_image(const at::Tensor& image) {
  const ValueOfByte value_of = values_of_bytes();
  const at::Tensor planes = image.to(at::kCPU, at::kFloat).contiguous();
  const int64_t height = planes.size(1), width = planes.size(2), count = height * width;
  const at::Tensor bytes = at::empty({height, width, 3}, at::kByte);
  const float* from = planes.const_data_ptr<float>();
  uint8_t* to = bytes.mutable_data_ptr<uint8_t>();
  for (int64_t channel = 0; channel < 3; ++channel) {
    const float* plane = from + channel * count;
    for (int64_t i = 0; i < count; ++i) to[3 * i + channel] = byte_of(plane[i], value_of);
  }
  return bytes;
}

at::Tensor labels_of_ids(const at::Tensor& ids) {
  at::Tensor labels = ids.to(at::kLong);
  if (ids.scalar_type() == at::kShort) labels.bitwise_and_(0xFFFF);
  return labels.view({1, 1, ids.size(0), ids.size(1)});
}

}  // namespace weft::media
