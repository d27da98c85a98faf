#pragma once

#include "plugins/estimators/region.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

namespace weft::estimators {

/// A landmark of MediaPipe's pose model in pixels of the frame.
struct BodyPoint {
  Point place;
  double visibility = 0;  ///< probability that it is in the frame and not hidden
};

constexpr size_t kBodyPoints = 33;      ///< of a person, the left ones those of the person's left side
constexpr size_t kAuxiliaryPoints = 2;  ///< middle of the hips, and a point on the circle around the body
constexpr int64_t kPersonRows = 137;    ///< of a person in keypoints: BODY_25, face of 70 points, both hands

/// Moves landmarks to where their heat maps say: to the mean position of the 7x7 cells around each, weighted by the heat. A
/// landmark without heat of at least 0.5 there stays.
/// @param points    [landmarks, 2], x and y in [0, 1] of the region
/// @param heat_map  [height, width, landmarks], before the sigmoid
void refine(const at::Tensor& points, const at::Tensor& heat_map);

/// The 33 landmarks as BODY_25. The neck and the middle of the hips are means of two points, and less visible than either;
/// both small toes are not in the model. Points that are less visible than `least`, or beyond the frame, were not found.
/// @returns [137, 3] double: x, y and confidence, all 0 where a point was not found; face and hands are 0
at::Tensor body_25(const std::array<BodyPoint, kBodyPoints>& points, double least, int64_t height, int64_t width);

}  // namespace weft::estimators
