#pragma once

#include "framework/nn/conv.h"
#include "framework/nn/norm.h"
#include "framework/nn/sequence.h"

#include <limits>

namespace weft::nn {

/// More than any network has; a slip of the finger must not ask for all memory.
constexpr int64_t kMostFeatures = 65536, kMostBlocks = 1000, kMostDown = 16;

/// x + block(x), where block is pad 1, conv 3, norm, relu, pad 1, conv 3, norm; padding reflects.
///
/// Keys `conv_block.{1,2,5,6}.*`. Source: Johnson et al. 2016, as pix2pixHD and vid2vid use it.
class ResnetBlock : public Module {
 public:
  ResnetBlock(Module& parent, std::string name, int64_t channels, const NormOptions& norm);
  /// [B, C, H, W] -> the same shape.
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  Conv2d conv1_, conv2_;
  Norm2d norm1_, norm2_;
};

/// The layers of pix2pixHD's and vid2vid's generators, one after the other, under their published numbers.
///
///   ResnetStack down(*this, "model_down_seg");
///   down.conv7(36, 64, norm).half(64, 128, norm).blocks(2, 128, norm);
///
/// Every step names what it does; the numbers of its keys follow from what stands before it.
class ResnetStack : public Sequence {
 public:
  using Sequence::Sequence;

  /// Pad 3 (reflecting), conv 7, norm, relu: [B, in, H, W] -> [B, out, H, W].
  ResnetStack& conv7(int64_t in, int64_t out, const NormOptions& norm);
  /// Conv 3 with stride 2, norm, relu: [B, in, H, W] -> [B, out, H/2, W/2].
  ResnetStack& half(int64_t in, int64_t out, const NormOptions& norm);
  /// Transposed conv 3 with stride 2, norm, relu: [B, in, H, W] -> [B, out, 2H, 2W].
  ResnetStack& twice(int64_t in, int64_t out, const NormOptions& norm);
  /// `count` residual blocks.
  ResnetStack& blocks(int64_t count, int64_t channels, const NormOptions& norm);

  enum class Activation { None, Tanh, Sigmoid };
  /// Pad 3 (reflecting), conv 7, activation; the last layers of a network.
  ResnetStack& head(int64_t in, int64_t out, Activation activation);

  /// A network between its first and its last maps, which have one size.
  struct Body {
    int64_t in = 3;         ///< channels of the input
    int64_t features = 64;  ///< channels of the first and the last map; each halving doubles them …
    int64_t most_channels = std::numeric_limits<int64_t>::max();  ///< … up to this
    int64_t down = 3;                                             ///< halvings
    int64_t blocks = 9;
    NormOptions norm;

    /// Channels after so many halvings.
    int64_t channels(int64_t halvings) const;
  };
  /// Conv 7, halvings, blocks, doublings: [B, in, H, W] -> [B, features, H, W].
  ResnetStack& body(const Body& body);

  using Sequence::operator();
  using Sequence::part;
  /// The same of a map that may be given by its ids, with which a first conv7 computes.
  at::Tensor operator()(const MapOrIds& x) const { return part(x, 0, size()); }
  at::Tensor part(const MapOrIds& x, size_t first, size_t end) const;

 private:
  ResnetStack& norm_relu(int64_t channels, const NormOptions& norm);

  const Conv2d* entry_ = nullptr;  ///< of a conv7 that is the first step
};

}  // namespace weft::nn
