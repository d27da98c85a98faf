#pragma once

#include "plugins/fewshot/layers.h"

#include <span>
#include <vector>

namespace weft::fewshot {

/// Generated kernels of one modulation: of the scale and of the shift.
struct Modulation {
  SampleKernels gamma, beta;
};

/// Whether generated biases act. In the original they are made, but never used.
enum class GeneratedBiases { Ignored, Used };

/// The norms of a residual block.
struct BlockOptions {
  Norms norms;
  std::vector<int64_t> hidden = {};  ///< channels of each modulating map; none: an ordinary norm
  bool is_generated = false;         ///< whether the kernels for the first map are given with each call
  bool has_own_kernels = true;       ///< whether the convolutions have parameters; else they are given with each call
  int64_t kernel = 3;                ///< of the convolutions, odd
  int64_t map_kernel = 1;            ///< of the convolutions on the modulating maps, odd
  GeneratedBiases biases = GeneratedBiases::Ignored;
  double gain = kGain;  ///< of the initialisation of the kernels on the maps
  int64_t style = 0;    ///< numbers of a style vector that AdaIN layers after the norms see; 0: there are none
};

/// Adaptive instance normalisation of a map by a style vector:
///
///   y = (1 + a(style)) (x - mean) / deviation + b(style),   per sample and channel over all pixels, epsilon 1e-5
///
/// Keys adain.{0,2,4}.*: linear layers with LeakyReLU between. Source: Liu et al. 2019, "Few-Shot Unsupervised
/// Image-to-Image Translation", for the baseline AdaIN of Wang et al. 2019, "Few-shot Video-to-Video Synthesis".
class AdaptiveNorm : public nn::Module {
 public:
  AdaptiveNorm(nn::Module& parent, int64_t channels, int64_t style);
  /// @param x [B, C, H, W]  @param style [B, style]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& style) const;

 private:
  nn::Linear first_, second_, last_;
};

/// Spatially-adaptive normalisation by several maps, one after the other:
///
///   y <- N(x);  y <- y (1 + gamma_j(map_j)) + beta_j(map_j),  j = 0, 1, …
///
/// Keys mlp_gamma.*, mlp_beta.*, of the next maps mlp_gamma2.* …; of batch norms norm.running_mean …. Without maps it is the
/// norm alone, with the keys of nn::Norm.
/// Sources: Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization"; Wang et al. 2019, "Few-shot
/// Video-to-Video Synthesis", section 3.1, whose maps go through no common layer.
class BlockNorm : public nn::Module {
 public:
  BlockNorm(nn::Module& parent, std::string name, int64_t channels, const BlockOptions& options);
  /// @param x          [B, C, H, W]
  /// @param maps       as many as `hidden`, or fewer; each [B, hidden, *, *], brought to the size of x; undefined ones do
  ///                   nothing
  /// @param generated  for the first map where its kernels are generated
  /// @param style      [B, options.style]; undefined where that is 0
  at::Tensor operator()(const at::Tensor& x, std::span<const at::Tensor> maps, const Modulation* generated,
                        const at::Tensor& style = {}) const;

 private:
  struct Learnt {
    Learnt(nn::Module& owner, const std::string& suffix, int64_t hidden, int64_t channels, int64_t kernel, double gain);
    nn::Conv2d gamma, beta;
  };

  GeneratedBiases biases_;
  std::vector<std::optional<Learnt>> learnt_;  ///< by map; without a value where the kernels are generated
  std::optional<nn::Norm2d> norm_;
  std::optional<AdaptiveNorm> adaptive_;
};

/// What a residual block gets from the weight generator.
struct BlockKernels {
  std::optional<Modulation> norm_0, norm_1, norm_s;
  std::optional<SampleKernels> conv_0, conv_1, conv_s;
};

/// Residual block:
///
///   y = conv_1(a(bn_1(conv_0(a(bn_0(x)))))) + shortcut(x),   a = LeakyReLU 0.2
///
/// The shortcut is conv_s(bn_s(x)) where the channels differ, else x, averaged over 3x3 pixels if the stride is 2. Keys
/// conv_0, conv_1, conv_s (without bias), bn_0, bn_1, bn_s.
class ResidualBlock : public nn::Module {
 public:
  ResidualBlock(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t stride,
                const BlockOptions& options);
  /// [B, in, H, W] -> [B, out, H / stride, W / stride]. @param maps  as BlockNorm takes them
  at::Tensor operator()(const at::Tensor& x, std::span<const at::Tensor> maps = {},
                        const BlockKernels* generated = nullptr, const at::Tensor& style = {}) const;

 private:
  at::Tensor shortcut(const at::Tensor& x, std::span<const at::Tensor> maps, const BlockKernels* generated,
                      const at::Tensor& style) const;

  int64_t stride_;
  bool changes_channels_;
  std::optional<nn::Conv2d> conv_0_, conv_1_, conv_s_;
  std::optional<BlockNorm> norm_0_, norm_1_, norm_s_;
};

}  // namespace weft::fewshot
