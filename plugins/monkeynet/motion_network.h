#pragma once

#include "plugins/monkeynet/embedding.h"
#include "plugins/monkeynet/hourglass.h"

namespace weft::monkeynet {

struct MotionOptions {
  HourglassOptions hourglass = {.base = 32, .widest = 1024, .blocks = 5};  ///< `in` follows from `embedding`
  EmbeddingOptions embedding = {.has_background = true,
                                .has_heatmap = true,
                                .has_deformed_source = true,
                                .heatmap = EmbeddingOptions::Heatmap::Difference,
                                .divisor = 100};
  int64_t group_blocks = 2;    ///< blocks that see each keypoint by itself
  bool has_masks = true;       ///< each pixel moves by a mean of the shifts of keypoints
  bool has_correction = true;  ///< a free shift of each pixel is added
  double scale = 1;            ///< of the size of the source

  int64_t channels_out() const { return (has_masks ? embedding.keypoints + 1 : 0) + (has_correction ? 2 : 0); }
};

/// The dense motion from the driving frame to the source: where each pixel of the driving frame is in the source.
///
///   position = grid + sum over keypoints and background of mask · shift + correction
///
/// Keys group_blocks.{i}.*, hourglass.*.
/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.2.
class MotionNetwork : public nn::Module {
 public:
  MotionNetwork(nn::Module& parent, std::string name, const MotionOptions& options);
  /// @param image  the source, [B, C, 1, H, W] in [0, 1]
  /// @param type   in which the layers compute
  /// @returns [B, D, scale H, scale W, 2] in [-1, 1] of the source
  at::Tensor operator()(const at::Tensor& image, const Keypoints& source, const Keypoints& driving,
                        at::ScalarType type) const;

 private:
  MotionOptions options_;
  std::vector<std::unique_ptr<ConvNormRelu>> group_blocks_;
  Hourglass hourglass_;
};

}  // namespace weft::monkeynet
