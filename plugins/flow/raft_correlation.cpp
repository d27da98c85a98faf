#include "plugins/flow/raft.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace weft::flow {
namespace {

/// So many pixels are sampled before they are written: their numbers lie side by side in the output, windows far apart.
constexpr int64_t kTile = 16;

/// The correlations of one pixel at one level: [height, width].
struct Plane {
  const float* values;
  int64_t height, width;

  /// `count` numbers of row y from column x on; 0 outside.
  void read(int64_t y, int64_t x, int64_t count, float* to) const {
    if (y < 0 || y >= height) {
      std::fill_n(to, count, 0.0F);
    } else if (x >= 0 && x + count <= width) {
      std::copy_n(values + y * width + x, count, to);
    } else {
      for (int64_t i = 0; i < count; ++i) to[i] = x + i >= 0 && x + i < width ? values[y * width + x + i] : 0;
    }
  }
};

/// The window around (x, y): number a side + b goes to out[(a side + b) kTile]. All samples of a window lie at one place
/// between pixels, so that its pixels are read once. `patch` has room for (side + 1)^2 numbers.
void sample_window(const Plane& plane, float x, float y, int64_t radius, float* out, float* patch) {
  const int64_t side = 2 * radius + 1;
  // Far outside everything is 0; this keeps the conversion to whole numbers defined.
  const float reach = static_cast<float>(radius + 1);
  if (!(x > -reach - 1 && x < static_cast<float>(plane.width) + reach && y > -reach - 1 &&
        y < static_cast<float>(plane.height) + reach)) {
    for (int64_t i = 0; i < side * side; ++i) out[i * kTile] = 0;
    return;
  }
  const float left = std::floor(x), top = std::floor(y), right_share = x - left, low_share = y - top;
  const auto first_x = static_cast<int64_t>(left) - radius, first_y = static_cast<int64_t>(top) - radius;
  for (int64_t j = 0; j <= side; ++j) plane.read(first_y + j, first_x, side + 1, patch + j * (side + 1));
  const float w00 = (1 - low_share) * (1 - right_share), w01 = (1 - low_share) * right_share;
  const float w10 = low_share * (1 - right_share), w11 = low_share * right_share;
  for (int64_t b = 0; b < side; ++b) {
    const float *upper = patch + b * (side + 1), *lower = upper + side + 1;
    for (int64_t a = 0; a < side; ++a) {
      out[(a * side + b) * kTile] = w00 * upper[a] + w01 * upper[a + 1] + w10 * lower[a] + w11 * lower[a + 1];
    }
  }
}

}  // namespace

CorrelationPyramid::CorrelationPyramid(const at::Tensor& first, const at::Tensor& second) {
  const int64_t batch = first.size(0), height = first.size(2), width = first.size(3);
  const double length = std::sqrt(static_cast<double>(first.size(1)));
  at::Tensor level = at::matmul(first.flatten(2).transpose(1, 2), second.flatten(2)) / length;  // [B, h w, h w]
  levels_.push_back(level.view({batch * height * width, 1, height, width}).contiguous());
  while (levels_.size() < kLevels) levels_.push_back(at::avg_pool2d(levels_.back(), 2, 2));
}

at::Tensor CorrelationPyramid::look_up(const at::Tensor& positions, int64_t radius) const {
  const at::Tensor& finest = levels_.front();
  if (!finest.is_cpu() || finest.scalar_type() != at::kFloat || finest.requires_grad() || positions.requires_grad()) {
    return look_up_composed(positions, radius);
  }
  const int64_t batch = positions.size(0), height = positions.size(2), width = positions.size(3);
  const int64_t pixels = height * width, side = 2 * radius + 1, window = side * side;
  const at::Tensor from = positions.contiguous();
  at::Tensor out = at::empty({batch, kLevels * window, height, width}, from.options());
  const float* xy = from.const_data_ptr<float>();
  float* to = out.mutable_data_ptr<float>();
  const int64_t tiles = (pixels + kTile - 1) / kTile;
  at::parallel_for(0, batch * tiles, 4, [&](int64_t begin, int64_t end) {
    std::vector<float> patch(static_cast<size_t>((side + 1) * (side + 1))),
        sampled(static_cast<size_t>(window * kTile));
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t b = tile / tiles, first = tile % tiles * kTile, count = std::min(kTile, pixels - first);
      const float *x = xy + 2 * b * pixels + first, *y = x + pixels;
      for (int64_t l = 0; l < kLevels; ++l) {
        const at::Tensor& level = levels_[static_cast<size_t>(l)];
        const int64_t plane = level.size(2) * level.size(3);
        const float* values = level.const_data_ptr<float>() + (b * pixels + first) * plane;
        const auto scale = static_cast<float>(int64_t{1} << l);
        for (int64_t p = 0; p < count; ++p) {
          sample_window({values + p * plane, level.size(2), level.size(3)}, x[p] / scale, y[p] / scale, radius,
                        sampled.data() + p, patch.data());
        }
        float* windows = to + (b * kLevels + l) * window * pixels + first;
        for (int64_t i = 0; i < window; ++i) std::copy_n(sampled.data() + i * kTile, count, windows + i * pixels);
      }
    }
  });
  return out;
}

at::Tensor CorrelationPyramid::look_up_composed(const at::Tensor& positions, int64_t radius) const {
  const int64_t batch = positions.size(0), height = positions.size(2), width = positions.size(3), side = 2 * radius + 1;
  const at::Tensor steps = at::arange(-radius, radius + 1, positions.options());
  const at::Tensor around = at::stack({steps.view({-1, 1}).expand({side, side}), steps.expand({side, side})}, -1);
  const at::Tensor centres = positions.permute({0, 2, 3, 1}).reshape({-1, 1, 1, 2});  // [B h w, 1, 1, 2]
  std::vector<at::Tensor> sampled;
  double scale = 1;
  for (const at::Tensor& level : levels_) {
    const at::Tensor last = at::tensor({static_cast<double>(level.size(3) - 1), static_cast<double>(level.size(2) - 1)},
                                       positions.options());
    const at::Tensor grid = (centres / scale + around) * 2 / last - 1;  // [B h w, side, side, 2]
    sampled.push_back(at::grid_sampler_2d(level, grid, /*bilinear*/ 0, /*zeros*/ 0, /*align_corners=*/true)
                          .view({batch, height, width, side * side}));
    scale *= 2;
  }
  return at::cat(sampled, -1).permute({0, 3, 1, 2}).contiguous();  // [B, levels side^2, h, w]
}

}  // namespace weft::flow
