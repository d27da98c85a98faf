#pragma once

#include "plugins/monkeynet/keypoints.h"

namespace weft::monkeynet {

/// How a network sees the motion between two sets of keypoints.
struct EmbeddingOptions {
  enum class Heatmap {
    Gaussian,   ///< of the driving keypoints
    Difference  ///< that of the source is subtracted
  };

  int64_t keypoints = 10;
  int64_t image_channels = 3;
  bool has_background = false;       ///< one more keypoint in front, which never moves and has no heatmap
  bool has_heatmap = false;          ///< 1 channel for each keypoint
  bool has_shift = false;            ///< 2: source mean - driving mean
  bool has_deformed_source = false;  ///< the source, moved by this shift
  Heatmap heatmap = Heatmap::Gaussian;
  std::optional<double> divisor = {};  ///< of heatmaps; if absent: their sum
  double scale = 1;                    ///< of the size of the source

  int64_t channels_of_keypoint() const {
    return int64_t{has_heatmap} + 2 * int64_t{has_shift} + image_channels * int64_t{has_deformed_source};
  }
  int64_t channels() const { return (keypoints + int64_t{has_background}) * channels_of_keypoint(); }
};

/// The movement embedding, which has no parameters: heatmap, shift and moved source of the first keypoint, then those of
/// the second, …
///
/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.2.
/// @param image   [B, C, D or 1, H, W]; where it is moved, one frame
/// @param source  keypoints of one frame, or of as many as `driving`
/// @returns [B, channels(), D, scale H, scale W]; undefined without channels
at::Tensor embedded(const at::Tensor& image, const Keypoints& source, const Keypoints& driving,
                    const EmbeddingOptions& options);

/// source mean - driving mean, with the background where `options` say so: [B, D, K, 2].
at::Tensor shifts(const Keypoints& source, const Keypoints& driving, const EmbeddingOptions& options);

/// A clip at another size by its nearest pixels: [B, C, D, H, W] -> [B, C, D, scale H, scale W].
at::Tensor scaled(const at::Tensor& clip, double scale);

/// The image at the positions of a grid, bilinear, 0 outside; -1 and 1 are the centres of its first and last pixels.
/// @param image  [B, C, 1, H, W]
/// @param grid   [B, N, h, w, 2]
/// @returns [B, C, N, h, w]
at::Tensor sampled(const at::Tensor& image, const at::Tensor& grid);

}  // namespace weft::monkeynet
