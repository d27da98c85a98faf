#pragma once

#include "framework/backbones/conv_norm.h"

#include <array>
#include <memory>
#include <optional>

namespace weft::backbones {

struct ResNetOptions {
  std::array<int64_t, 4> blocks = {3, 4, 6, 3};  ///< of layer1 … layer4: these are ResNet-50's
  /// Of layer2, layer3 and layer4: whether dilation replaces the stride, so that the map is not halved.
  std::array<bool, 3> dilated = {};
  nn::NormOptions norm = kBatchNorm;
};

inline constexpr std::array<int64_t, 4> kBlocksOfResNet50 = {3, 4, 6, 3};
inline constexpr std::array<int64_t, 4> kBlocksOfResNet101 = {3, 4, 23, 3};

/// Convolutions of 1x1, 3x3 and 1x1 pixels beside a shortcut. Keys conv1, bn1, …, bn3, downsample.0, downsample.1.
class Bottleneck : public nn::Module {
 public:
  struct Options {
    int64_t in = 64;
    int64_t planes = 64;  ///< channels of the 3x3 convolution; a quarter of those of the result
    int64_t stride = 1;
    int64_t dilation = 1;
    nn::NormOptions norm = kBatchNorm;
  };
  Bottleneck(nn::Module& parent, std::string name, const Options& options);
  /// [B, in, H, W] -> [B, 4 planes, ceil(H / stride), ceil(W / stride)].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv2d conv1_;
  nn::Norm2d bn1_;
  nn::Conv2d conv2_;
  nn::Norm2d bn2_;
  nn::Conv2d conv3_;
  nn::Norm2d bn3_;
  std::optional<nn::Sequence> downsample_;
};

/// A residual network with bottlenecks, without its classifier: the trunk of many networks of recognition.
///
/// Keys are torchvision's: conv1.weight, bn1.*, layer1.0.conv1.weight … The stride is in the 3x3 convolution. Where dilation
/// replaces a stride, the first block of the layer still has the dilation of the layer before.
/// Source: He et al. 2016, "Deep Residual Learning for Image Recognition"; dilation: Yu and Koltun 2016.
class ResNet : public nn::Module {
 public:
  ResNet(nn::Module& parent, std::string name, const ResNetOptions& options);

  struct Maps {
    at::Tensor stem;                   ///< [B, 64, H/2, W/2], before the pooling
    std::array<at::Tensor, 4> layers;  ///< [B, 256, H/4, W/4], then 512, 1024 and 2048 channels
  };
  /// [B, 3, H, W] -> all maps. Halving rounds up.
  Maps operator()(const at::Tensor& image) const;

 private:
  nn::Conv2d conv1_;
  nn::Norm2d bn1_;
  std::array<std::unique_ptr<nn::Sequence>, 4> layers_;
};

}  // namespace weft::backbones
