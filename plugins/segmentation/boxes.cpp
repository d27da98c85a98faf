#include "plugins/segmentation/boxes.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>

#include <cassert>
#include <cmath>

namespace weft::segmentation {
namespace {

/// Centre and size along both axes, each [N].
struct Centred {
  at::Tensor x, y, width, height;
};

Centred centred(const at::Tensor& boxes) {
  const at::Tensor width = boxes.select(1, 2) - boxes.select(1, 0), height = boxes.select(1, 3) - boxes.select(1, 1);
  return {boxes.select(1, 0) + width * 0.5, boxes.select(1, 1) + height * 0.5, width, height};
}

}  // namespace

at::Tensor BoxCoder::decode(const at::Tensor& deltas, const at::Tensor& reference) const {
  const at::Tensor each = deltas.view({deltas.size(0), -1, 4});  // [N, K, 4]
  const auto delta = [&](int64_t i) { return each.select(2, i) / weights[static_cast<size_t>(i)]; };
  const Centred from = centred(reference);
  const auto column = [](const at::Tensor& x) { return x.unsqueeze(1); };
  const at::Tensor x = delta(0) * column(from.width) + column(from.x);
  const at::Tensor y = delta(1) * column(from.height) + column(from.y);
  const at::Tensor half_width = delta(2).clamp_max(largest).exp() * column(from.width) * 0.5;
  const at::Tensor half_height = delta(3).clamp_max(largest).exp() * column(from.height) * 0.5;
  return at::stack({x - half_width, y - half_height, x + half_width, y + half_height}, 2);
}

at::Tensor BoxCoder::encode(const at::Tensor& boxes, const at::Tensor& reference) const {
  const Centred to = centred(boxes), from = centred(reference);
  return at::stack({weights[0] * (to.x - from.x) / from.width, weights[1] * (to.y - from.y) / from.height,
                    weights[2] * (to.width / from.width).log(), weights[3] * (to.height / from.height).log()},
                   1);
}

at::Tensor clipped(const at::Tensor& boxes, const ImageSize& image) {
  const at::Tensor limit = at::tensor({image.width, image.height, image.width, image.height}, boxes.options());
  return boxes.clamp_min(0).minimum(limit);
}

at::Tensor large_enough(const at::Tensor& boxes, double least) {
  const at::Tensor sides = boxes.slice(1, 2, 4) - boxes.slice(1, 0, 2);  // [N, 2]
  return (sides >= least).all(1).nonzero().squeeze(1);
}

at::Tensor cell_anchors(const std::vector<double>& sizes, const std::vector<double>& ratios) {
  std::vector<float> sides;
  for (const double ratio : ratios) {
    const float tall = std::sqrt(static_cast<float>(ratio)), wide = 1 / tall;
    for (const double size : sizes) {
      const float width = wide * static_cast<float>(size), height = tall * static_cast<float>(size);
      sides.insert(sides.end(), {-width / 2, -height / 2, width / 2, height / 2});
    }
  }
  return at::tensor(sides).view({-1, 4}).round();  // halves to even
}

std::vector<at::Tensor> anchors(const AnchorOptions& options, const std::vector<ImageSize>& maps,
                                const ImageSize& image, const at::TensorOptions& like) {
  assert(maps.size() == options.sizes.size());
  std::vector<at::Tensor> levels;
  for (size_t i = 0; i < maps.size(); ++i) {
    const auto [height, width] = maps[i];
    const at::Tensor y = (at::arange(height, like) * (image.height / height)).view({-1, 1}).expand({height, width});
    const at::Tensor x = (at::arange(width, like) * (image.width / width)).view({1, -1}).expand({height, width});
    const at::Tensor corners = at::stack({x, y, x, y}, 2).view({-1, 1, 4});  // [h w, 1, 4]
    levels.push_back((corners + cell_anchors(options.sizes[i], options.ratios).to(like)).view({-1, 4}));
  }
  return levels;
}

}  // namespace weft::segmentation
