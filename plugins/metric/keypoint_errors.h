#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::metric {

/// Found key points beside the true ones.
struct KeypointErrors {
  at::Tensor distance;  // [B, K] in pixels, double
  at::Tensor visible;   // [B, K], bool: present in the target
  at::Tensor found;     // [B, K], bool: visible, and present in the prediction
  at::Tensor extent;    // [B]: the longer side of the box of the visible target points, pixels
  at::Tensor area;      // [B]: width times height of that box

  /// The mean distance over all found points; 0 where there is none.
  double mean() const;
  /// The same in units of `extent`; people whose box is a point are left out.
  double relative_mean() const;
  /// The mean distance of each person: [B].
  at::Tensor mean_of_each() const;
  /// Percentage of correct key points (PCK): the share of visible points that are found within `alpha` extents.
  double within(double alpha) const;
  /// The share of visible points that are found.
  double recall() const;
  int64_t visible_count() const;

  /// Object key-point similarity (OKS) of each person, a missing point being 0: [B].
  ///
  ///   mean over visible points of exp(-d^2 / (2 area (2 sigma)^2))
  ///
  /// Source: COCO's key-point evaluation. @param sigmas  one for each point
  at::Tensor similarity(const std::vector<double>& sigmas) const;
};

/// @param points, target  [B, K, 3]: x and y in pixels and a confidence
/// @param least           confidence above which a point is present
KeypointErrors compare_keypoints(const at::Tensor& points, const at::Tensor& target, double least);

/// The sigmas of 17 (COCO), 18 (COCO with neck) or 25 (BODY_25) joints; of COCO's tenth for each joint, necks as shoulders,
/// feet as ankles. Empty for other counts.
std::vector<double> joint_sigmas(int64_t joints);

}  // namespace weft::metric
