#pragma once

#include "framework/nn/layers.h"

#include <array>
#include <memory>
#include <span>
#include <vector>

namespace weft::backbones {

/// A chain of convolutions, each followed by ReLU, with five maps that are read: the layers of AlexNet and VGG16 that LPIPS
/// compares.
class FiveTaps : public nn::Module {
 public:
  enum class Keys {
    Features,  ///< features.0 …, as torchvision does
    Slices     ///< net.slice1.0 …, as the package lpips does
  };
  /// One convolution.
  struct Layer {
    int number;  ///< among all layers of the published network, ReLU and pooling included
    int slice;   ///< the first tap that needs it, from 1
    int64_t out, kernel, stride, padding;
    int64_t pooling;  ///< side of the maximum taken before it, in steps of 2 pixels; 0: none
    bool is_tapped;   ///< its map is one of the five
  };

  /// [B, 3, H, W] -> the five maps, finest first.
  std::array<at::Tensor, 5> operator()(at::Tensor x) const;
  /// Channels of the five maps.
  std::array<int64_t, 5> channels() const;

 protected:
  FiveTaps(nn::Module& parent, std::string name, Keys keys, std::span<const Layer> rows);

 private:
  std::span<const Layer> rows_;
  std::vector<std::unique_ptr<nn::Conv2d>> layers_;
};

/// Maps after the five ReLUs: 64, 192, 384, 256 and 256 channels. At least 31 pixels high and wide.
/// Source: Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks".
class AlexNet : public FiveTaps {
 public:
  static constexpr int64_t kLeastSide = 31;
  AlexNet(nn::Module& parent, std::string name, Keys keys);
};

/// Maps after relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3: 64, 128, 256, 512 and 512 channels. At least 16 pixels high
/// and wide. Source: Simonyan and Zisserman 2015.
class Vgg16 : public FiveTaps {
 public:
  static constexpr int64_t kLeastSide = 16;
  Vgg16(nn::Module& parent, std::string name, Keys keys);
};

}  // namespace weft::backbones
