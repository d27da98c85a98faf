#include "plugins/face/pixels.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

namespace weft::face {

at::Tensor pixels_of(const at::Tensor& image) {
  const at::Tensor bytes = (image.to(at::kCPU, at::kFloat) + 1).mul_(127.5).round_().clamp_(0, 255).to(at::kByte);
  return bytes.permute({1, 2, 0}).contiguous();
}

at::Tensor image_of(const at::Tensor& pixels) {
  return pixels.permute({2, 0, 1}).contiguous().to(at::kFloat).div_(255).sub_(0.5).div_(0.5);
}

at::Tensor grey_of(const at::Tensor& pixels) {
  // The weights in 1/65536.
  constexpr uint32_t kRed = 19595, kGreen = 38470, kBlue = 7471, kHalf = 32768;
  at::Tensor grey = at::empty({pixels.size(0), pixels.size(1)}, at::kByte);
  const at::Tensor plain = pixels.contiguous();
  const uint8_t* colour = plain.data_ptr<uint8_t>();
  uint8_t* value = grey.data_ptr<uint8_t>();
  for (int64_t i = 0; i < grey.numel(); ++i, colour += 3) {
    value[i] = static_cast<uint8_t>((colour[0] * kRed + colour[1] * kGreen + colour[2] * kBlue + kHalf) >> 16);
  }
  return grey;
}

}  // namespace weft::face
