#pragma once

#include "framework/backbones/taps.h"
#include "framework/nn/layers.h"

#include <array>
#include <memory>
#include <vector>

namespace weft::backbones {

struct ResNext3dOptions {
  std::array<int64_t, 4> blocks = {3, 4, 23, 3};  ///< 3, 4, 6, 3 for ResNeXt-50
  int64_t cardinality = 32;                       ///< groups of the second convolution of a block
  int64_t classes = 400;
};

/// 3-D ResNeXt-101 or -50, trained on Kinetics: a feature network of the video FID of vid2vid.
///
/// Keys are those of the published `resnext-101-kinetics.pth`, without `module.`; shortcuts are convolutions (type B).
/// Clips are RGB from 0 to 255, minus kMean. Source: Hara et al. 2018, "Can Spatiotemporal 3D CNNs Retrace the History of
/// 2D CNNs and ImageNet?".
class ResNext3d : public nn::Module {
 public:
  static constexpr std::array<double, 3> kMean = {114.7748, 107.7354, 99.4750};

  ResNext3d(nn::Module& parent, std::string name, const ResNext3dOptions& options);
  ~ResNext3d() override;

  /// @param clip  [B, 3, T, H, W]: RGB from 0 to 255 minus kMean; at least one frame and one pixel
  /// @param tap   gets `stem`, after the pooling, and `layer1` … `layer4`
  /// @returns [B, 2048, T/16, H/32, W/32], each rounded up
  at::Tensor maps(const at::Tensor& clip, const Tap& tap = nullptr) const;
  /// The mean of the maps over frames and pixels: [B, 2048].
  static at::Tensor features(const at::Tensor& maps);
  /// Class scores before the softmax: [B, classes].
  at::Tensor logits(const at::Tensor& features) const;

 private:
  struct Block;

  std::unique_ptr<nn::Conv3d> conv1_;
  std::unique_ptr<nn::Norm3d> bn1_;
  std::vector<std::vector<std::unique_ptr<Block>>> layers_;
  std::vector<std::unique_ptr<nn::Module>> folders_;  ///< of the keys: layer1 … layer4
  std::unique_ptr<nn::Linear> fc_;
};

}  // namespace weft::backbones
