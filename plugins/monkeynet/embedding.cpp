#include "plugins/monkeynet/embedding.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/grid_sampler_2d.h>
#include <ATen/ops/upsample_nearest3d.h>

namespace weft::monkeynet {
namespace {

/// [B, D, K, h, w], each divided by its sum or by a number.
at::Tensor heatmaps(const Keypoints& keypoints, int64_t height, int64_t width, const EmbeddingOptions& options) {
  const at::Tensor maps = gaussians(keypoints, height, width);
  return maps / (options.divisor ? at::Tensor(maps.new_full({}, *options.divisor)) : maps.sum({-2, -1}, true));
}

/// With zeros for the background in front of the keypoints, which are the dimension 2 of `count` dimensions.
at::Tensor with_background(const at::Tensor& values, const EmbeddingOptions& options) {
  if (!options.has_background) return values;
  std::vector<int64_t> border(static_cast<size_t>(2 * (values.dim() - 2)), 0);
  border[border.size() - 2] = 1;
  return at::constant_pad_nd(values, border, 0);
}

}  // namespace

at::Tensor scaled(const at::Tensor& clip, double scale) {
  if (scale == 1) return clip;
  return at::upsample_nearest3d(clip, at::OptionalIntArrayRef(), std::vector<double>{1, scale, scale});
}

at::Tensor sampled(const at::Tensor& image, const at::Tensor& grid) {
  constexpr int64_t kBilinear = 0, kZeros = 0;
  // All grids of a sample look into one image: one below the other they are one grid.
  const at::Tensor tall = grid.reshape({grid.size(0), -1, grid.size(3), 2});  // [B, N h, w, 2]
  const at::Tensor found = at::grid_sampler_2d(image.squeeze(2), tall, kBilinear, kZeros, /*align_corners=*/true);
  return found.reshape({image.size(0), image.size(1), grid.size(1), grid.size(2), grid.size(3)});
}

at::Tensor shifts(const Keypoints& source, const Keypoints& driving, const EmbeddingOptions& options) {
  return with_background(source.mean - driving.mean, options);
}

at::Tensor embedded(const at::Tensor& image, const Keypoints& source, const Keypoints& driving,
                    const EmbeddingOptions& options) {
  if (options.channels() == 0) return {};
  const at::Tensor seen = scaled(image, options.scale);  // [B, C, *, h, w]
  const int64_t height = seen.size(3), width = seen.size(4), batch = seen.size(0), frames = driving.mean.size(1);
  std::vector<at::Tensor> parts;  // each [B, D, K, channels, h, w]
  if (options.has_heatmap) {
    at::Tensor maps = heatmaps(driving, height, width, options);
    if (options.heatmap == EmbeddingOptions::Heatmap::Difference)
      maps = maps - heatmaps(source, height, width, options);
    parts.push_back(with_background(maps, options).unsqueeze(3));
  }
  const at::Tensor shift = shifts(source, driving, options);  // [B, D, K, 2]
  if (options.has_shift)
    parts.push_back(shift.unsqueeze(-1).unsqueeze(-1).expand({batch, frames, shift.size(2), 2, height, width}));
  if (options.has_deformed_source) {
    const at::Tensor grid = pixel_grid(height, width, shift.options()) + shift.unsqueeze(-2).unsqueeze(-2);
    const at::Tensor moved = sampled(seen, grid.flatten(1, 2));  // [B, C, D K, h, w]
    parts.push_back(moved.unflatten(2, {frames, shift.size(2)}).permute({0, 2, 3, 1, 4, 5}));
  }
  const at::Tensor all = at::cat(parts, 3);  // [B, D, K, channels, h, w]
  return all.flatten(2, 3).transpose(1, 2);  // [B, K channels, D, h, w]
}

}  // namespace weft::monkeynet
