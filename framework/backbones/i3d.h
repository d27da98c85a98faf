#pragma once

#include "framework/backbones/taps.h"
#include "framework/nn/layers.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::backbones {

struct I3dOptions {
  int64_t in = 3;  ///< channels: 3 for RGB, 2 for flow
  int64_t classes = 400;
  double epsilon = 1e-3;  ///< of the batch norms
};

/// Inflated 3-D Inception-v1, trained on Kinetics-400: the feature network of FVD and of the video FID.
///
/// Each unit is a convolution without bias, a batch norm with running statistics, and ReLU; borders as TensorFlow's SAME, in
/// each axis. Keys are those of the published PyTorch files (`Conv3d_1a_7x7.conv3d.weight` … `logits.conv3d.bias`).
/// Source: Carreira and Zisserman 2017, "Quo Vadis, Action Recognition? A New Model and the Kinetics Dataset".
class I3d : public nn::Module {
 public:
  I3d(nn::Module& parent, std::string name, const I3dOptions& options);
  ~I3d() override;

  /// The fewest frames whose maps can be pooled: 9 become 2 before the average.
  static constexpr int64_t kLeastFrames = 9;
  /// The smallest height and width: 193 pixels become 7 before the average.
  static constexpr int64_t kLeastSide = 193;

  /// The maps before the average, endpoint `Mixed_5c`.
  /// @param clip  [B, in, T, H, W]: RGB in [-1, 1], any size
  /// @param tap   gets the map of each endpoint, by the name of its unit
  /// @returns [B, 1024, T/8, H/32, W/32], each rounded up
  at::Tensor maps(const at::Tensor& clip, const Tap& tap = nullptr) const;
  /// Averages over windows of 2x7x7: endpoint `avg_pool`, [B, 1024, T/8 - 1, H/32 - 6, W/32 - 6].
  static at::Tensor averages(const at::Tensor& maps);
  /// Class scores before the softmax: [B, classes, T', H', W'].
  at::Tensor logits(const at::Tensor& averages) const;

 private:
  struct Unit;
  struct Mixed;
  struct Stage;

  std::vector<std::unique_ptr<Stage>> stages_;
  std::unique_ptr<nn::Module> head_;
  std::unique_ptr<nn::Conv3d> logits_;
};

}  // namespace weft::backbones
