#pragma once

#include "framework/nn/layers.h"

#include <functional>
#include <memory>
#include <vector>

namespace weft::nn {

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

/// Layers one after the other, numbered as PyTorch's Sequential numbers them: layers without tensors count too.
///
///   nn::Sequence down(*this, "model_down_seg");
///   down.conv7(36, 64, norm).half(64, 128, norm).blocks(2, 128, norm);
///
/// Each step is named after its operation; the numbers in its keys follow from the steps before it.
class Sequence : public Module {
 public:
  Sequence(Module& parent, std::string name) : Module(parent, std::move(name)) {}

  /// Pad 3 (reflecting), conv 7, norm, relu: [B, in, H, W] -> [B, out, H, W].
  Sequence& conv7(int64_t in, int64_t out, const NormOptions& norm);
  /// Conv 3 with stride 2, norm, relu: [B, in, H, W] -> [B, out, H/2, W/2].
  Sequence& half(int64_t in, int64_t out, const NormOptions& norm);
  /// Transposed conv 3 with stride 2, norm, relu: [B, in, H, W] -> [B, out, 2H, 2W].
  Sequence& twice(int64_t in, int64_t out, const NormOptions& norm);
  /// `count` residual blocks.
  Sequence& blocks(int64_t count, int64_t channels, const NormOptions& norm);

  enum class Activation { None, Tanh, Sigmoid };
  /// Pad 3 (reflecting), conv 7, activation; the last layers of a network.
  Sequence& head(int64_t in, int64_t out, Activation activation);

  at::Tensor operator()(at::Tensor x) const;

 private:
  using Step = std::function<at::Tensor(const at::Tensor&)>;
  template <typename Layer, typename... Arguments>
  const Layer& add(Arguments&&... arguments);
  /// Adds a norm and a relu after `conv`, whose layers are numbered already.
  Sequence& norm_relu(Step conv, int64_t channels, const NormOptions& norm);

  int next_ = 0;  ///< number of the next layer
  std::vector<std::unique_ptr<Module>> layers_;
  std::vector<Step> steps_;
};

}  // namespace weft::nn
