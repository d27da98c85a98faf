#pragma once

#include "framework/backbones/conv_norm.h"

namespace weft::backbones {

/// Where an inverted residual pads its map with zeros.
enum class Border {
  Depthwise,       ///< in its 3x3 convolution, as torchvision does
  BeforeExpansion  ///< before its first convolution, so that the 3x3 one sees relu6(norm(0)) outside: VainF's networks
};

/// An expansion of the channels, a 3x3 convolution of each channel, and a projection; with the input added where shapes agree.
///
/// Keys conv.0.0, conv.0.1 (expansion), conv.1.0, conv.1.1 (depthwise), conv.2, conv.3 (projection); without an expansion
/// conv.0.*, conv.1 and conv.2. Source: Sandler et al. 2018, "MobileNetV2: Inverted Residuals and Linear Bottlenecks".
class InvertedResidual : public nn::Module {
 public:
  struct Options {
    int64_t in = 0, out = 0;
    int64_t expansion = 6;  ///< 1: no expansion
    int64_t stride = 1;
    int64_t dilation = 1;
    Border border = Border::Depthwise;
  };
  InvertedResidual(nn::Module& parent, std::string name, const Options& options);
  /// [B, in, H, W] -> [B, out, ceil(H / stride), ceil(W / stride)].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Options options_;
  nn::Sequence conv_;
};

/// MobileNetV2 without its classifier and last convolution, as VainF's DeepLabV3+ has it: after the stride of `output_stride`,
/// dilation replaces further strides, and borders are padded before expansions. The first convolution has no border.
///
/// Keys low_level_features.0 … 3 and high_level_features.4 … 17.
class MobileNetV2 : public nn::Module {
 public:
  /// @param output_stride  8, 16 or 32
  MobileNetV2(nn::Module& parent, std::string name, int64_t output_stride);

  struct Maps {
    at::Tensor low;   ///< [B, 24, H/4, W/4]
    at::Tensor high;  ///< [B, 320, H/s, W/s], s the output stride
  };
  Maps operator()(const at::Tensor& image) const;

 private:
  std::vector<std::unique_ptr<nn::Module>> groups_;
  std::vector<nn::Sequence::Step> low_, high_;
};

}  // namespace weft::backbones
