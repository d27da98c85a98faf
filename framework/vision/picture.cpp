#include "framework/vision/picture.h"

#include "framework/nn/layers.h"
#include "framework/vision/colours.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/var_mean.h>

#include <cmath>

namespace weft::vision {
namespace {

constexpr int64_t kInstanceColours = 256;

at::Tensor grey(const at::Tensor& map) {
  return map.narrow(1, 0, 1).expand({-1, 3, -1, -1});
}

/// A single channel becomes grey; a missing third one is zeros.
at::Tensor first_three(const at::Tensor& map) {
  if (map.size(1) == 1) return grey(map);
  if (map.size(1) >= 3) return map.narrow(1, 0, 3);
  return at::constant_pad_nd(map, {0, 0, 0, 0, 0, 1});
}

at::Tensor feature(const at::Tensor& map) {
  const at::Tensor values = nn::widened(first_three(map));
  const auto [variance, mean] = at::var_mean(values, {2, 3}, /*correction=*/0, /*keepdim=*/true);
  const at::Tensor deviation = variance.sqrt();
  // Rounding alone, as of a channel that is 1 everywhere, stays grey.
  const at::Tensor is_rounding = deviation < 1e-5 * mean.abs();
  return ((values - mean) / (2 * deviation + 1e-6)).masked_fill(is_rounding, 0);
}

Manner by_channels(int64_t channels) {
  if (channels == 1) return Manner::Grey;
  return channels == 3 ? Manner::Image : Manner::Classes;
}

at::Tensor drawn(const at::Tensor& map, Manner manner, const PictureRange& range) {
  switch (manner) {
    case Manner::Image:
      return first_three(map);
    case Manner::Grey:
      return grey(nn::widened(map) * 2 - 1);
    case Manner::Depth:
      return grey(1 - at::log1p(nn::widened(map)) * (2 / std::log1p(range.max.value_or(100))));
    case Manner::Classes:
      return colour_classes(map, range.classes, Palette::Automatic);
    case Manner::Instances:
      return colour_ids(map.remainder(kInstanceColours), class_colours(kInstanceColours, Palette::Bits));
    case Manner::Conditions:
      return drawn(map, by_channels(map.size(1)), range);
    case Manner::Flow:
      return colour_flow(map, range.max.value_or(static_cast<double>(map.size(3)) / 20));
    case Manner::Feature:
      return feature(map);
  }
  return map;
}

}  // namespace

at::Tensor picture(const at::Tensor& map, Manner manner, const PictureRange& range) {
  return nn::widened(drawn(map, manner, range)).nan_to_num(-1).clamp(-1, 1);
}

}  // namespace weft::vision
