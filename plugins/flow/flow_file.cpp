#include "plugins/flow/flow_file.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/data/ordinary_file.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros_like.h>

#include <bit>
#include <cstring>

namespace weft::flow {
namespace {

static_assert(std::endian::native == std::endian::little, "the numbers of a .flo file are copied as they are");

constexpr std::string_view kMark = "PIEH";
constexpr size_t kHeader = 12;
constexpr int64_t kMostPixels = 100'000'000;
constexpr double kUnknown = 1e9;

std::string pgm_header(int64_t height, int64_t width) {
  return text("P5\n", width, ' ', height, "\n255\n");
}

int32_t number_at(const std::string& bytes, size_t offset) {
  int32_t number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

}  // namespace

std::string flo_bytes(const at::Tensor& flow) {
  const at::Tensor pairs = flow.to(at::kCPU, at::kFloat).permute({1, 2, 0}).contiguous();  // [H, W, 2]
  std::string bytes(kMark);
  for (const int64_t side : {pairs.size(1), pairs.size(0)}) {
    const auto number = static_cast<int32_t>(side);
    bytes.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  bytes.append(static_cast<const char*>(pairs.const_data_ptr()), pairs.nbytes());
  return bytes;
}

FileFlow read_flo(const std::string& file) {
  const std::string bytes = data::OrdinaryFile(file).read(kHeader + kMostPixels * 2 * sizeof(float) + 1);
  if (bytes.size() < kHeader || !bytes.starts_with(kMark))
    throw Error(Exit::Data, text(file, " is no .flo file: it does not begin as one"));
  const int64_t width = number_at(bytes, 4), height = number_at(bytes, 8);
  if (width < 1 || height < 1 || width > kMostPixels / height)
    throw Error(Exit::Data, text(file, ": a flow of ", width, "x", height, " pixels cannot be read"));
  const size_t wanted = kHeader + static_cast<size_t>(width * height) * 2 * sizeof(float);
  if (bytes.size() != wanted)
    throw Error(Exit::Data,
                text(file, " has ", bytes.size(), " bytes, but a flow of ", width, "x", height, " takes ", wanted))
        .hint("is the file complete?");
  const at::Tensor pairs = at::empty({height, width, 2}, at::kFloat);
  std::memcpy(pairs.mutable_data_ptr(), bytes.data() + kHeader, pairs.nbytes());
  const at::Tensor flow = pairs.permute({2, 0, 1}).contiguous();                 // [2, H, W]
  const at::Tensor is_known = (flow.abs() < kUnknown).all(0, /*keepdim=*/true);  // [1, H, W]; NaN is unknown too
  return {flow.masked_fill(is_known.logical_not(), 0), is_known.to(at::kFloat)};
}

std::string pgm_bytes(const at::Tensor& map) {
  const at::Tensor grey = (map.to(at::kCPU, at::kFloat).clamp(0, 1) * 255).round().to(at::kByte).contiguous();
  std::string bytes = pgm_header(grey.size(1), grey.size(2));
  bytes.append(static_cast<const char*>(grey.const_data_ptr()), grey.nbytes());
  return bytes;
}

at::Tensor read_pgm(const std::string& file, int64_t height, int64_t width) {
  const std::string header = pgm_header(height, width);
  const at::Tensor grey = at::empty({1, height, width}, at::kByte);
  const std::string bytes = data::OrdinaryFile(file).read(header.size() + grey.nbytes() + 1);
  if (!bytes.starts_with(header) || bytes.size() != header.size() + grey.nbytes())
    throw Error(Exit::Data, text(file, " is no confidence of ", width, "x", height, " pixels, as flow.write makes it"));
  std::memcpy(grey.mutable_data_ptr(), bytes.data() + header.size(), grey.nbytes());
  return grey.to(at::kFloat) / 255;
}

}  // namespace weft::flow
