#include "plugins/media/flow_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"
#include "framework/vision/png.h"
#include "plugins/media/picture.h"
#include "plugins/media/png.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

namespace weft::media {
namespace {

static_assert(std::endian::native == std::endian::little, "files hold the lowest byte first");

constexpr std::string_view kFloMagic = "PIEH";  // the float 202021.25
constexpr size_t kFloHeader = 12;
constexpr double kUnknownAbove = 1e9;
constexpr float kUnknown = 1e10F;  // what Middlebury's programs write
constexpr int64_t kKittiZero = 1 << 15, kKittiPerPixel = 64, kMostIn16Bits = 65535;

/// Checks that the file has as many bytes behind its header as its size says.
void check_length(size_t found, Size size, int64_t channels, const std::string& file) {
  const auto wanted = static_cast<uint64_t>(size.height) * static_cast<uint64_t>(size.width * channels) * sizeof(float);
  if (found < wanted)
    throw Error(Exit::Data, text(file, " is cut short: ", size.width, 'x', size.height, " pixels have ", wanted,
                                 " bytes, but there are ", found));
  if (found > wanted)
    throw Error(Exit::Data, text(file, " has ", found - wanted, " bytes more than its ", size.width, 'x', size.height,
                                 " pixels need"));
}

/// Floats of a file as [H, W, C]; a copy, since nothing says where they lie.
at::Tensor floats(std::string_view bytes, Size size, int64_t channels) {
  at::Tensor numbers = at::empty({size.height, size.width, channels}, at::kFloat);
  std::memcpy(numbers.mutable_data_ptr(), bytes.data(), numbers.nbytes());
  return numbers;
}

/// @param flow   [H, W, 2] float
/// @param valid  [H, W] bool
FlowFile known_part(const at::Tensor& flow, const at::Tensor& valid) {
  const at::Tensor known = at::where(valid.unsqueeze(2), flow, at::zeros_like(flow));
  return {known.permute({2, 0, 1}).unsqueeze(0).contiguous(), valid.to(at::kFloat).unsqueeze(0).unsqueeze(0)};
}

FlowFile decode_flo(std::string_view bytes, const std::string& file) {
  if (bytes.size() < kFloHeader) throw Error(Exit::Data, text(file, " is cut short: its header is not whole"));
  int32_t width = 0, height = 0;
  std::memcpy(&width, bytes.data() + 4, sizeof width);
  std::memcpy(&height, bytes.data() + 8, sizeof height);
  const Size size{height, width};
  check_size(size, file);
  check_length(bytes.size() - kFloHeader, size, 2, file);
  const at::Tensor flow = floats(bytes.substr(kFloHeader), size, 2);
  return known_part(flow, (flow.abs() <= kUnknownAbove).all(2));  // false for NaN too
}

FlowFile decode_kitti(std::string_view bytes, const std::string& file) {
  const at::Tensor numbers = decode_png_rgb16(bytes, file);  // [H, W, 3] int
  const at::Tensor flow = (numbers.slice(2, 0, 2) - kKittiZero).to(at::kFloat) / kKittiPerPixel;
  return known_part(flow, numbers.select(2, 2) != 0);
}

/// The next word of a PFM header, and the one white space behind it.
std::string_view take_word(std::string_view& rest) {
  const size_t end = std::min(rest.find_first_of(" \t\r\n"), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

template <typename Number>
Number number_in(std::string_view word, const std::string& file) {
  Number number{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error == std::errc() && end == word.data() + word.size()) return number;
  throw Error(Exit::Data, text(file, " is no sound PFM: \"", printable(shortened(word, 40)), "\" is no number"));
}

FlowFile decode_pfm(std::string_view bytes, const std::string& file) {
  std::string_view rest = bytes;
  const int64_t channels = take_word(rest) == "PF" ? 3 : 1;
  const auto width = number_in<int64_t>(take_word(rest), file), height = number_in<int64_t>(take_word(rest), file);
  if (number_in<double>(take_word(rest), file) >= 0)
    throw Error(Exit::Data,
                text(file, " holds the highest byte first, or has no scale; PFM files of data sets have -1"));
  const Size size{height, width};
  check_size(size, file);
  check_length(rest.size(), size, channels, file);
  const at::Tensor numbers = floats(rest, size, channels).flip(0);  // rows lie from below
  if (channels == 3) {
    const at::Tensor flow = numbers.slice(2, 0, 2);
    return known_part(flow, at::isfinite(flow).all(2));
  }
  const at::Tensor disparity = numbers.select(2, 0);
  return known_part(at::stack({-disparity, at::zeros_like(disparity)}, 2), at::isfinite(disparity));
}

std::string bytes_of(const at::Tensor& numbers) {
  const at::Tensor flat = numbers.contiguous();
  return {static_cast<const char*>(flat.data_ptr()), flat.nbytes()};
}

std::string encode_kitti(const at::Tensor& flow, const at::Tensor& valid) {
  const at::Tensor steps = (flow * static_cast<double>(kKittiPerPixel)).round() + static_cast<double>(kKittiZero);
  const at::Tensor known = at::where(valid.unsqueeze(2), steps, at::zeros_like(steps));
  const double least = known.min().item<double>(), most = known.max().item<double>();
  if (least < 0 || most > static_cast<double>(kMostIn16Bits))
    throw Error(Exit::Data,
                text("the flow has a component of ",
                     number_text(((least < 0 ? least : most) - static_cast<double>(kKittiZero)) / kKittiPerPixel),
                     " pixels, but KITTI's PNG holds -512 to 511.98"))
        .hint("`name = \"%06d.flo\"` has room for it");
  const at::Tensor mark = valid.unsqueeze(2).to(at::kFloat);
  at::Tensor numbers = at::cat({known, mark}, 2).to(at::kLong);
  numbers =
      at::where(numbers > kMostIn16Bits / 2, numbers - (kMostIn16Bits + 1), numbers);  // the bits of unsigned numbers
  return vision::encode_png(numbers.to(at::kShort));
}

std::string encode_flo(const at::Tensor& flow, const at::Tensor& valid) {
  const auto height = static_cast<int32_t>(flow.size(0)), width = static_cast<int32_t>(flow.size(1));
  std::string out(kFloMagic);
  out.append(reinterpret_cast<const char*>(&width), sizeof width);
  out.append(reinterpret_cast<const char*>(&height), sizeof height);
  return out + bytes_of(at::where(valid.unsqueeze(2), flow, at::full_like(flow, kUnknown)));
}

std::string encode_pfm(const at::Tensor& flow, const at::Tensor& valid) {
  const at::Tensor known = at::where(valid.unsqueeze(2), flow, at::full_like(flow, INFINITY));
  const at::Tensor third = at::zeros_like(known.slice(2, 0, 1));
  return text("PF\n", flow.size(1), ' ', flow.size(0), "\n-1\n") + bytes_of(at::cat({known, third}, 2).flip(0));
}

std::string pgm_header(int64_t height, int64_t width) {
  return text("P5\n", width, ' ', height, "\n255\n");
}

}  // namespace

FlowFile decode_flow(std::string_view bytes, const std::string& file) {
  if (bytes.empty()) throw Error(Exit::Data, text(file, " is empty"));
  if (bytes.starts_with(kFloMagic)) return decode_flo(bytes, file);
  if (is_png(bytes)) return decode_kitti(bytes, file);
  if (bytes.starts_with("PF") || bytes.starts_with("Pf")) return decode_pfm(bytes, file);
  throw Error(Exit::Data,
              text(file, " is no file of optical flow: it begins with none of PIEH (.flo), PF (.pfm) and PNG's mark"));
}

std::string encode_flow(const at::Tensor& flow, const at::Tensor& valid, const std::string& ending) {
  const at::Tensor rows = flow.permute({1, 2, 0}).to(at::kFloat).contiguous();  // [H, W, 2]
  const at::Tensor known = valid.defined() ? valid : at::ones_like(rows.select(2, 0), at::kBool);
  return ending == ".flo"   ? encode_flo(rows, known)
         : ending == ".pfm" ? encode_pfm(rows, known)
                            : encode_kitti(rows, known);
}

std::string encode_confidence(const at::Tensor& confidence) {
  const at::Tensor grey = (confidence.clamp(0, 1) * 255).round().to(at::kByte).contiguous();
  std::string bytes = pgm_header(grey.size(1), grey.size(2));
  bytes.append(static_cast<const char*>(grey.const_data_ptr()), grey.nbytes());
  return bytes;
}

at::Tensor read_confidence(const std::string& file, int64_t height, int64_t width) {
  const std::string header = pgm_header(height, width);
  const at::Tensor grey = at::empty({1, 1, height, width}, at::kByte);
  const std::string bytes = data::OrdinaryFile(file).read(header.size() + grey.nbytes() + 1);
  if (!bytes.starts_with(header) || bytes.size() != header.size() + grey.nbytes()) {
    throw Error(Exit::Data,
                text(file, " is no confidence of ", width, 'x', height, " pixels, as media.write_flow makes it"));
  }
  std::memcpy(grey.mutable_data_ptr(), bytes.data() + header.size(), grey.nbytes());
  return grey.to(at::kFloat) / 255;
}

}  // namespace weft::media
