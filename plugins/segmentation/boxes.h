#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

/// Boxes are [N, 4]: x1, y1, x2, y2 in pixels, with sides x2 - x1 and y2 - y1.
namespace weft::segmentation {

struct ImageSize {
  int64_t height = 0, width = 0;

  bool operator==(const ImageSize&) const = default;
};

/// Boxes as differences from reference boxes: centres in their sizes, sizes as logarithms; each multiplied by a weight.
///
///   dx = wx (gx - x) / w,  dy = wy (gy - y) / h,  dw = ww ln(gw / w),  dh = wh ln(gh / h)
///
/// Source: Girshick et al. 2014, "Rich Feature Hierarchies", appendix C.
struct BoxCoder {
  std::array<double, 4> weights = {1, 1, 1, 1};
  double largest = 4.135166556742356;  ///< of dw and dh, ln(1000 / 16), so that no size overflows

  /// @param deltas     [N, 4 K]: K boxes for each reference
  /// @param reference  [N, 4]
  /// @returns [N, K, 4]
  at::Tensor decode(const at::Tensor& deltas, const at::Tensor& reference) const;
  /// @param boxes, reference  [N, 4]
  /// @returns [N, 4]
  at::Tensor encode(const at::Tensor& boxes, const at::Tensor& reference) const;
};

/// Boxes cut off at the borders of an image: [..., 4].
at::Tensor clipped(const at::Tensor& boxes, const ImageSize& image);

/// Indices of the boxes with both sides of at least `least` pixels.
at::Tensor large_enough(const at::Tensor& boxes, double least);

/// Sizes and shapes of anchors, the reference boxes of a detector.
struct AnchorOptions {
  std::vector<std::vector<double>> sizes = {{32}, {64}, {128}, {256}, {512}};  ///< of each level, in pixels
  std::vector<double> ratios = {0.5, 1, 2};                                    ///< height / width
};

/// The anchors of one level around the origin, rounded to whole pixels: [A, 4], by ratio, then size.
at::Tensor cell_anchors(const std::vector<double>& sizes, const std::vector<double>& ratios);

/// The anchors of all cells of each level, centred on the upper left corners of the cells: rows, columns, anchors of a cell.
/// @param maps   the size of each level's map
/// @param image  the padded image
/// @returns for each level [h w A, 4]
std::vector<at::Tensor> anchors(const AnchorOptions& options, const std::vector<ImageSize>& maps,
                                const ImageSize& image, const at::TensorOptions& like);

}  // namespace weft::segmentation
