#include "framework/train/picture.h"

#include "framework/nn/colours.h"

#include <ATen/TensorOperators.h>

namespace weft::train {
namespace {

/// @param map  [1, H, W]
at::Tensor grey(const at::Tensor& map) {
  return (map * 2 - 1).clamp(-1, 1).expand({3, -1, -1});
}

/// From black for the smallest number to white for the largest.
at::Tensor stretched(const at::Tensor& map) {
  const at::Tensor low = map.min(), range = (map.max() - low).clamp_min(1e-12);
  return grey((map - low) / range);
}

}  // namespace

std::optional<at::Tensor> picture_of(const Value& value, Kind kind) {
  if (!value.has_value() || value.is_text() || value.is_judgement()) return {};
  at::Tensor map = value.is_window() ? value.frames().back() : value.tensor();
  if (map.dim() != 4) return {};
  map = map.detach().narrow(0, 0, 1).cpu();  // [1, C, H, W]
  if (kind != Kind::Labels && kind != Kind::Instances) map = map.to(at::kFloat);
  switch (kind) {
    case Kind::Image:
      return map[0];
    case Kind::Flow:
      return nn::colour_flow(map, static_cast<double>(map.size(3)) / 20)[0];
    case Kind::Labels:
      return nn::colour_classes(map, {}, nn::Palette::Automatic)[0];
    case Kind::Instances:  // neighbours in number get colours far apart
      return nn::colour_classes(map.remainder(255) + 1, 256, nn::Palette::Bits)[0];
    case Kind::Semantics:
      return nn::colour_classes(map, {}, nn::Palette::Automatic)[0];
    case Kind::Mask:
    case Kind::ForegroundMask:
    case Kind::Edges:
      return grey(map[0].narrow(0, 0, 1));
    default:
      return stretched(map[0].narrow(0, 0, 1));
  }
}

}  // namespace weft::train
