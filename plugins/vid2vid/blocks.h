#pragma once

#include <weft/nn.h>

namespace weft::vid2vid {

/// More than any network has; a slip of the finger must not ask for all memory.
constexpr int64_t kMostFeatures = 65536, kMostBlocks = 1000, kMostDown = 16;

/// x + block(x), where block is pad 1, conv 3, norm, relu, pad 1, conv 3, norm; padding reflects.
///
/// Keys `conv_block.{1,2,5,6}.*`. Source: Johnson et al. 2016, as pix2pixHD and vid2vid use it.
class ResnetBlock : public nn::Module {
 public:
  ResnetBlock(nn::Module& parent, std::string name, int64_t channels, const nn::NormOptions& norm);
  /// [B, C, H, W] -> the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv2d conv1_, conv2_;
  nn::Norm2d norm1_, norm2_;
};

/// The layers of pix2pixHD's and vid2vid's generators, one after the other, under their published numbers.
///
///   Stack down(*this, "model_down_seg");
///   down.conv7(36, 64, norm).half(64, 128, norm).blocks(2, 128, norm);
///
/// Every step names what it does; the numbers of its keys follow from what stands before it.
class Stack : public nn::Sequence {
 public:
  using Sequence::Sequence;

  /// Pad 3 (reflecting), conv 7, norm, relu: [B, in, H, W] -> [B, out, H, W].
  Stack& conv7(int64_t in, int64_t out, const nn::NormOptions& norm);
  /// Conv 3 with stride 2, norm, relu: [B, in, H, W] -> [B, out, H/2, W/2].
  Stack& half(int64_t in, int64_t out, const nn::NormOptions& norm);
  /// Transposed conv 3 with stride 2, norm, relu: [B, in, H, W] -> [B, out, 2H, 2W].
  Stack& twice(int64_t in, int64_t out, const nn::NormOptions& norm);
  /// `count` residual blocks.
  Stack& blocks(int64_t count, int64_t channels, const nn::NormOptions& norm);

  enum class Activation { None, Tanh, Sigmoid };
  /// Pad 3 (reflecting), conv 7, activation; the last layers of a network.
  Stack& head(int64_t in, int64_t out, Activation activation);

 private:
  Stack& norm_relu(int64_t channels, const nn::NormOptions& norm);
};

}  // namespace weft::vid2vid
