#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace weft::monkeynet {

/// Keypoints of D frames with the extent of what they stand for: the mean and the variance of a Gaussian each.
///
/// Positions are x and y in [-1, 1]: the centres of the first and the last pixel of an axis are -1 and 1.
/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.1.
struct Keypoints {
  at::Tensor mean;      ///< [B, D, K, 2]
  at::Tensor variance;  ///< [B, D, K, 2, 2], symmetric and positive definite
};

/// The numbers of a keypoint between nodes: x, y, and the three of the lower triangular L with variance = L L'. Whatever
/// these are, L L' is a variance.
inline constexpr int64_t kNumbers = 5;
/// Keypoints of one frame as one tensor: [B, K, 5].
at::Tensor packed(const Keypoints& keypoints);
/// @param numbers  [B, K, 5]
Keypoints unpacked(const at::Tensor& numbers);

/// How the variance of a keypoint follows from its heatmap.
struct VarianceOptions {
  enum class Form {
    Matrix,  ///< the covariance of the heatmap
    Single,  ///< the mean of its two variances, for both axes
    Fixed    ///< the same number always, for both axes
  };
  Form form = Form::Matrix;
  double fixed = 0.01;  ///< of Fixed
  std::optional<double> least =
      {};  ///< of Matrix: smallest singular value; a thinner covariance is enlarged as a whole
};

/// The positions of all pixels, x and y in [-1, 1].
/// @param height, width  at least 2
/// @returns [height, width, 2]
at::Tensor pixel_grid(int64_t height, int64_t width, const at::TensorOptions& options);

/// The keypoints of heatmaps: their means, and variances as `options` say. 1e-7 is added to each cell, as in the original.
/// @param heatmaps  [B, K, D, H, W], each adds up to 1
Keypoints keypoints_of(const at::Tensor& heatmaps, const VarianceOptions& options);

/// exp(-1/2 d' V^-1 d) for the distance d of each pixel from each mean; 1 at the mean.
/// @returns [B, D, K, height, width]
at::Tensor gaussians(const Keypoints& keypoints, int64_t height, int64_t width);

/// The smaller singular value of matrices, [..., 2, 2] -> [...]. Computed in double: in float it is noise for matrices
/// that are nearly singular.
at::Tensor smaller_singular_value(const at::Tensor& matrices);

/// How the motion of one object is given to another.
struct TransferOptions {
  bool scales_motion = false;    ///< by sqrt(area of the source's convex hull / area of the first driving frame's)
  bool clips_means = false;      ///< to [-1, 1]
  bool adapts_variance = false;  ///< variance · variance of the first frame^-1 · variance of the source
};

/// The keypoints of the source, moved as those of the driving frames have moved since the first one.
///
///   mean = (driving mean - first mean) m + source mean
///
/// An adapted variance is made symmetric, and eigenvalues of 0 or less become 1e-6.
/// Source: as Keypoints, section 3.5.
/// @param driving  D frames
/// @param first, source  one frame each
Keypoints transferred(const Keypoints& driving, const Keypoints& first, const Keypoints& source,
                      const TransferOptions& options);

}  // namespace weft::monkeynet
