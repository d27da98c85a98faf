#pragma once

#include "framework/nn/layers.h"

#include <array>
#include <memory>
#include <vector>

namespace weft::backbones {

/// The convolutional layers of VGG19 up to relu5_1: the feature network of perceptual losses.
///
/// Convolutions of 3x3 pixels, padded by zeros, each followed by ReLU; between groups the maximum of 2x2 pixels halves the
/// maps. Source: Simonyan and Zisserman 2015, "Very Deep Convolutional Networks for Large-Scale Image Recognition".
class Vgg19 : public nn::Module {
 public:
  enum class Keys {
    Slices,   ///< slice1.0 … slice5.28, as pix2pixHD and vid2vid keep them
    Features  ///< features.0 … features.28, as torchvision does
  };
  Vgg19(nn::Module& parent, std::string name, Keys keys);

  /// [B, 3, H, W] -> the maps after relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1: [B, 64, H, W],
  /// [B, 128, H/2, W/2], [B, 256, H/4, W/4], [B, 512, H/8, W/8], [B, 512, H/16, W/16].
  std::array<at::Tensor, 5> operator()(at::Tensor x) const;

 private:
  std::vector<std::unique_ptr<nn::Conv2d>> layers_;
};

}  // namespace weft::backbones
