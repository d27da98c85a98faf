#pragma once

#include "plugins/estimators/region.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::estimators {

/// Anchors of a detector that come from one map of cells.
struct Cells {
  int64_t stride;    ///< pixels of a cell
  int64_t per_cell;  ///< anchors at the centre of each
};

/// The centres of a detector's anchors, map by map, row by row; an anchor's size is 1.
/// Source: Liu et al. 2016, "SSD: Single Shot MultiBox Detector", with the fixed sizes of Bazarevsky et al. 2019, "BlazeFace".
/// @param size  height and width of the input, in pixels
/// @returns positions from 0 to 1
std::vector<Point> anchors(int64_t size, const std::vector<Cells>& maps);

/// An object that was found, in positions of the detector's input from 0 to 1.
struct Detection {
  double score = 0;
  Point least, most;          ///< upper left and lower right corner
  std::vector<Point> points;  ///< key points
};

/// The detections of a network with a score of at least `least_score`.
/// @param boxes   [anchors, 4 + 2 points]: centre, width, height, then the points, in pixels, positions relative to the anchor
/// @param scores  [anchors], before the sigmoid
/// @param size    height and width of the input, in pixels
std::vector<Detection> decode(const at::Tensor& boxes, const at::Tensor& scores, const std::vector<Point>& anchors,
                              int64_t size, double least_score);

/// Weighted non-maximum suppression: detections that overlap the best one by more than `most_overlap` become one with it,
/// whose box and points are their mean, weighted by the scores, and whose score is the best one's; then the best of the rest
/// likewise. A video trembles less than where the others are dropped.
/// Source: Bazarevsky et al. 2019, "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", section 4.
/// @returns the best first
std::vector<Detection> suppress(std::vector<Detection> detections, double most_overlap);

}  // namespace weft::estimators
