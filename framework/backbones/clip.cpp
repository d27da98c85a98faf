#include "framework/backbones/clip.h"

#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/upsample_bilinear2d.h>

#include <algorithm>

namespace weft::backbones {
namespace {

/// [B, C, T, H, W] as a batch of frames: [B*T, C, H, W].
at::Tensor frames_of(const at::Tensor& clip) {
  return clip.transpose(1, 2).flatten(0, 1);
}
at::Tensor clip_of(const at::Tensor& frames, int64_t batch) {
  return frames.unflatten(0, {batch, -1}).transpose(1, 2);
}

/// The middle of each frame; where the rest is odd, the larger part is cut off behind.
at::Tensor middle(const at::Tensor& frames, int64_t side) {
  return frames.narrow(2, (frames.size(2) - side) / 2, side).narrow(3, (frames.size(3) - side) / 2, side);
}

}  // namespace

at::Tensor resized_clip(const at::Tensor& clip, int64_t side, ClipShape shape) {
  const int64_t height = clip.size(3), width = clip.size(4), shorter = std::min(height, width);
  const auto scaled = [&](int64_t length) {
    return shape == ClipShape::Square ? side : (length * side + shorter - 1) / shorter;
  };
  const at::Tensor frames =
      at::upsample_bilinear2d(frames_of(clip), {scaled(height), scaled(width)}, /*align_corners=*/false);
  return clip_of(middle(frames, side), clip.size(0));
}

at::Tensor resized_clip_antialiased(const at::Tensor& clip, int64_t side) {
  const int64_t height = clip.size(3), width = clip.size(4), shorter = std::min(height, width);
  const auto scaled = [&](int64_t length) { return length * side / shorter; };
  const at::Tensor frames =
      at::_upsample_bilinear2d_aa(frames_of(clip), {scaled(height), scaled(width)}, /*align_corners=*/false);
  return clip_of(middle(frames, side), clip.size(0));
}

}  // namespace weft::backbones
