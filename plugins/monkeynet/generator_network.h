#pragma once

#include "plugins/monkeynet/motion_network.h"

namespace weft::monkeynet {

struct GeneratorOptions {
  enum class Interpolation { Nearest, Trilinear };

  HourglassOptions hourglass = {.base = 32, .widest = 1024, .blocks = 5};
  /// Of the keypoints, beside the source's features; has no channels where the original has no such embedding.
  EmbeddingOptions embedding = {.has_heatmap = true, .heatmap = EmbeddingOptions::Heatmap::Difference, .divisor = 100};
  int64_t refinement_blocks = 4;
  Interpolation interpolation = Interpolation::Nearest;  ///< of the motion and the embedding, to the sizes of maps
};

/// Generates the source as the driving frame shows it: features of the source, moved, then decoded.
///
/// Keys appearance_encoder.*, video_decoder.*, refinement_module.r{i}.*, refinement_module.conv-last.*.
/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.3.
class GeneratorNetwork : public nn::Module {
 public:
  GeneratorNetwork(nn::Module& parent, std::string name, const GeneratorOptions& options);

  struct Frames {
    at::Tensor image;   ///< [B, C, D, H, W] in [0, 1]
    at::Tensor warped;  ///< the source's pixels, moved
  };
  /// @param image      the source, [B, C, 1, H, W] in [0, 1]
  /// @param motion     of MotionNetwork, [B, D, h, w, 2]
  /// @param type       in which the layers compute
  Frames operator()(const at::Tensor& image, const at::Tensor& motion, const Keypoints& source,
                    const Keypoints& driving, at::ScalarType type) const;

 private:
  at::Tensor resized(const at::Tensor& maps, int64_t height, int64_t width) const;
  at::Tensor moved(const at::Tensor& map, const at::Tensor& motion) const;

  GeneratorOptions options_;
  Encoder encoder_;
  Decoder decoder_;
  std::vector<std::unique_ptr<ResidualBlock>> refinement_;
  std::optional<nn::Conv3d> last_;
};

}  // namespace weft::monkeynet
