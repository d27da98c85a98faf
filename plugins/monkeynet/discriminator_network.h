#pragma once

#include "plugins/monkeynet/embedding.h"
#include "plugins/monkeynet/hourglass.h"

namespace weft::monkeynet {

struct DiscriminatorOptions {
  HourglassOptions layers = {.base = 32, .widest = 256, .blocks = 4};
  EmbeddingOptions embedding = {.has_heatmap = true, .divisor = 100};
  double scale = 1;  ///< of the frames' size, by nearest pixels
};

/// Tells real frames from generated ones, beside the heatmaps of keypoints. Its convolutions of 4x4 pixels have no border.
///
/// Keys down_blocks.{i}.conv.*, down_blocks.{i}.norm.* (but of the first), conv.*.
/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.4.
class DiscriminatorNetwork : public nn::Module {
 public:
  DiscriminatorNetwork(nn::Module& parent, std::string name, const DiscriminatorOptions& options);

  /// @param frames  [B, C, D, H, W] in [0, 1]; norms take the statistics of a sample's D frames together
  /// @returns the frames, the map of each block, the scores [B, 1, D, h, w]
  std::vector<at::Tensor> operator()(const at::Tensor& frames, const Keypoints& source, const Keypoints& driving,
                                     at::ScalarType type) const;

  /// The pixels of one side that the last block gives, 0 or less where the frames are too small.
  static int64_t pixels_left(int64_t side, const DiscriminatorOptions& options);

 private:
  struct Block : nn::Module {
    Block(nn::Module& parent, std::string name, int64_t in, int64_t out, bool has_norm);
    at::Tensor operator()(const at::Tensor& x) const;

    nn::Conv3d conv;
    std::optional<nn::Norm3d> norm;
  };

  DiscriminatorOptions options_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::optional<nn::Conv3d> conv_;
};

}  // namespace weft::monkeynet
