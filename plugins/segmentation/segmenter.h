#pragma once

#include "framework/weights/shape_text.h"
#include <weft/nn.h>
#include <weft/node.h>

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <vector>

namespace weft::segmentation {

/// An RGB image in [-1, 1], normalised as ImageNet's networks want it: ((x + 1) / 2 - mean) / deviation.
/// @returns [B, 3, H, W] in float, or in double where the image is double
at::Tensor normalised(const at::Tensor& image);

/// A map [B, C, h, w] at another size: bilinear, pixels as areas (align_corners = false), not smoothed.
at::Tensor resized(const at::Tensor& map, int64_t height, int64_t width);

/// @throws Error  (Graph) when a frame has fewer than `least` rows or columns
void check_size(const std::string& node, const at::Tensor& image, int64_t least);

/// The shared part of all nodes that segment: passes at several sizes, and mirrored, at test time.
struct Passes {
  std::vector<double> scales = {1};
  bool flip = false;

  void declare(Params& p);
  /// @throws Error  (Graph) when no scale is left
  void check() const;
  /// The mean of the logits of all passes, each brought back to the size and side of the frame. Training has one pass, over the
  /// frame as it is.
  /// @param image    [B, 3, H, W]
  /// @param network  logits [B, C, h, w] of an image; of any size, in any type
  /// @returns [B, C, H, W]
  at::Tensor run(const at::Tensor& image, bool is_training,
                 const std::function<at::Tensor(const at::Tensor&)>& network) const;
};

/// The class with the largest logit at each pixel, the lowest of equals: [B, C, H, W] -> [B, 1, H, W] int64.
at::Tensor labels_of(const at::Tensor& logits);

}  // namespace weft::segmentation
