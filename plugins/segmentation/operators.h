#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace weft::segmentation {

/// Non-maximum suppression: goes through boxes by falling score and keeps each that overlaps no box that was kept before.
///
///   overlap = intersection / (area a + area b - intersection) > threshold
///
/// Sides have the length x2 - x1. Equal scores keep their order. On the CPU by a kernel, elsewhere by operators of LibTorch.
/// @param boxes   [N, 4], x1, y1, x2, y2; float or double
/// @param scores  [N]
/// @param groups  [N] int64: only boxes of one group suppress each other, such as those of one class; if absent, all do
/// @returns indices of the kept boxes, by falling score, int64
at::Tensor nms(const at::Tensor& boxes, const at::Tensor& scores, double threshold,
               const std::optional<at::Tensor>& groups = {});
/// The same by operators of LibTorch and a loop over a matrix of N x N overlaps, on any device.
at::Tensor nms_composed(const at::Tensor& boxes, const at::Tensor& scores, double threshold,
                        const std::optional<at::Tensor>& groups = {});

struct RoiAlignOptions {
  int64_t height = 7, width = 7;  ///< of the result
  double scale = 1;               ///< from the coordinates of the boxes to those of the map
  int64_t samples = 2;            ///< in each direction of a bin; 0 or less: ceil(size of the box / size of the result)
  bool aligned = false;           ///< whether boxes are moved by half a pixel; otherwise they have at least a pixel
};

/// RoIAlign: the part of a map below each box, at a fixed size, as means of bilinear samples.
///
/// Samples beyond one pixel outside of the map are 0. On the CPU by a kernel, elsewhere by operators of LibTorch; without
/// gradients. Source: He et al. 2017, "Mask R-CNN", section 3.
/// @param features  [B, C, H, W]; float or double
/// @param rois      [K, 5]: index in the batch, x1, y1, x2, y2
/// @returns [K, C, height, width]
at::Tensor roi_align(const at::Tensor& features, const at::Tensor& rois, const RoiAlignOptions& options);
/// The same by operators of LibTorch, on any device.
at::Tensor roi_align_composed(const at::Tensor& features, const at::Tensor& rois, const RoiAlignOptions& options);

}  // namespace weft::segmentation
