#include "framework/vision/resize.h"

#include "framework/nn/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace weft::vision {
namespace {

constexpr int kFractionBits = 22;
constexpr int32_t kHalf = 1 << (kFractionBits - 1);

double triangle(double x) {
  return std::max(0.0, 1.0 - std::abs(x));
}

/// Keys 1981, "Cubic convolution interpolation for digital image processing", equation 15: a = -0.5.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/// What each position along one axis of the result is made of.
struct Taps {
  int64_t stride = 0;            ///< room for the weights of one position
  std::vector<int64_t> first;    ///< [out]: the first position that is read
  std::vector<int64_t> count;    ///< [out]: how many are
  std::vector<int32_t> weights;  ///< [out, stride], in fixed point
};

Taps make_taps(int64_t in, int64_t out, Filter filter) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double reach = (filter == Filter::Bicubic ? 2.0 : 1.0) * stretch;
  Taps taps;
  taps.stride = static_cast<int64_t>(std::ceil(reach)) * 2 + 1;
  taps.weights.resize(static_cast<size_t>(out * taps.stride));
  std::vector<double> weights(static_cast<size_t>(taps.stride));
  for (int64_t i = 0; i < out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    // Cut off towards zero, not rounded down: at the first positions this differs.
    const int64_t first = std::max<int64_t>(static_cast<int64_t>(centre - reach + 0.5), 0);
    const int64_t end = std::min<int64_t>(static_cast<int64_t>(centre + reach + 0.5), in);
    double sum = 0;
    for (int64_t j = first; j < end; ++j) {
      const double x = (static_cast<double>(j) - centre + 0.5) / stretch;
      sum += weights[static_cast<size_t>(j - first)] = filter == Filter::Bicubic ? cubic(x) : triangle(x);
    }
    int32_t* fixed = taps.weights.data() + i * taps.stride;
    for (int64_t j = 0; j < end - first; ++j) {
      const double weight = weights[static_cast<size_t>(j)] / sum * (1 << kFractionBits);
      fixed[j] = static_cast<int32_t>(weight + (weight < 0 ? -0.5 : 0.5));
    }
    taps.first.push_back(first);
    taps.count.push_back(end - first);
  }
  return taps;
}

uint8_t to_byte(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kFractionBits, 0, 255));
}

/// One row, `kTogether` channels of `channels` at a time, so that the compiler keeps their sums in registers.
template <int kTogether>
void resize_row(const uint8_t* in, uint8_t* out, const Taps& taps, int64_t channels) {
  const int64_t width = static_cast<int64_t>(taps.first.size());
  for (int64_t x = 0; x < width; ++x) {
    const int32_t* weights = taps.weights.data() + x * taps.stride;
    const uint8_t* pixel = in + taps.first[static_cast<size_t>(x)] * channels;
    const int64_t count = taps.count[static_cast<size_t>(x)];
    int32_t sums[kTogether];
    std::fill_n(sums, kTogether, kHalf);
    for (int64_t t = 0; t < count; ++t) {
      for (int c = 0; c < kTogether; ++c) sums[c] += weights[t] * pixel[t * channels + c];
    }
    for (int c = 0; c < kTogether; ++c) out[x * channels + c] = to_byte(sums[c]);
  }
}

/// [H, W, C] -> [H, width, C].
at::Tensor resize_width(const at::Tensor& image, int64_t width, Filter filter) {
  const int64_t height = image.size(0), old_width = image.size(1), channels = image.size(2);
  const Taps taps = make_taps(old_width, width, filter);
  at::Tensor resized = at::empty({height, width, channels}, image.options());
  const uint8_t* in = image.const_data_ptr<uint8_t>();
  uint8_t* out = resized.mutable_data_ptr<uint8_t>();
  for (int64_t y = 0; y < height; ++y) {
    const uint8_t* from = in + y * old_width * channels;
    uint8_t* to = out + y * width * channels;
    if (channels == 3) {
      resize_row<3>(from, to, taps, 3);
    } else {
      for (int64_t c = 0; c < channels; ++c) resize_row<1>(from + c, to + c, taps, channels);
    }
  }
  return resized;
}

/// [H, W, C] -> [height, W, C].
at::Tensor resize_height(const at::Tensor& image, int64_t height, Filter filter) {
  const int64_t row = image.size(1) * image.size(2);
  const Taps taps = make_taps(image.size(0), height, filter);
  at::Tensor resized = at::empty({height, image.size(1), image.size(2)}, image.options());
  const uint8_t* in = image.const_data_ptr<uint8_t>();
  uint8_t* out = resized.mutable_data_ptr<uint8_t>();
  std::vector<int32_t> sums(static_cast<size_t>(row));
  for (int64_t y = 0; y < height; ++y) {
    const int64_t first = taps.first[static_cast<size_t>(y)];
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int64_t t = 0; t < taps.count[static_cast<size_t>(y)]; ++t) {
      const uint8_t* from = in + (first + t) * row;
      const int32_t weight = taps.weights[static_cast<size_t>(y * taps.stride + t)];
      for (int64_t i = 0; i < row; ++i) sums[static_cast<size_t>(i)] += weight * from[i];
    }
    for (int64_t i = 0; i < row; ++i) out[y * row + i] = to_byte(sums[static_cast<size_t>(i)]);
  }
  return resized;
}

/// Which of `in` positions each of `out` shows. The position is a running sum, as it is in Pillow, because
/// its rounding decides where a centre falls on the border between two pixels.
at::Tensor nearest_positions(int64_t in, int64_t out) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  at::Tensor positions = at::empty({out}, at::kLong);
  int64_t* position = positions.mutable_data_ptr<int64_t>();
  double centre = step * 0.5;
  for (int64_t i = 0; i < out; ++i, centre += step) position[i] = std::min(static_cast<int64_t>(centre), in - 1);
  return positions;
}

at::Tensor nearest_positions_on(at::Device device, int64_t in, int64_t out) {
  const double step = static_cast<double>(in) / static_cast<double>(out);
  const at::Tensor centres = (at::arange(out, at::TensorOptions(device).dtype(at::kDouble)) + 0.5) * step;
  return centres.to(at::kLong).clamp_max(in - 1);
}

}  // namespace

at::Tensor resize_pil(const at::Tensor& image, int64_t height, int64_t width, Filter filter) {
  assert(image.device().is_cpu() && (image.dim() == 2 || image.dim() == 3));
  if (filter == Filter::Nearest) {
    return image.index_select(0, nearest_positions(image.size(0), height))
        .index_select(1, nearest_positions(image.size(1), width))
        .contiguous();
  }
  assert(image.scalar_type() == at::kByte);
  at::Tensor pixels = image.contiguous();
  if (image.dim() == 2) pixels = pixels.unsqueeze(2);
  if (width != image.size(1)) pixels = resize_width(pixels, width, filter);
  if (height != image.size(0)) pixels = resize_height(pixels, height, filter);
  return image.dim() == 2 ? pixels.squeeze(2) : pixels;
}

at::Tensor resize(const at::Tensor& maps, int64_t height, int64_t width, Filter filter) {
  if (filter == Filter::Nearest) {
    return maps.index_select(2, nearest_positions_on(maps.device(), maps.size(2), height))
        .index_select(3, nearest_positions_on(maps.device(), maps.size(3), width));
  }
  const at::Tensor values = nn::widened(maps);
  const std::vector<int64_t> size = {height, width};
  const at::Tensor resized = filter == Filter::Bicubic
                                 ? at::_upsample_bicubic2d_aa(values, size, /*align_corners=*/false)
                                 : at::_upsample_bilinear2d_aa(values, size, /*align_corners=*/false);
  return resized.to(maps.scalar_type());
}

}  // namespace weft::vision
