#pragma once

#include <weft/nn.h>

namespace weft::spade {

/// What all layers of a SPADE generator share.
struct SpadeOptions {
  enum class Norm { Batch, Instance };
  Norm norm = Norm::Batch;    ///< the parameter-free one; batch norms have running statistics
  int64_t kernel = 3;         ///< of the convolutions on the segmentation, odd
  int64_t labels = 1;         ///< channels of the segmentation
  bool spectral_norm = true;  ///< of the convolutions of residual blocks, not of those on the segmentation
  nn::Init spectral_init = nn::Init::fan_in();  ///< of the weights under spectral norm
};

/// Spatially-adaptive normalisation: its scale and shift are maps that convolutions compute from the segmentation.
///
///   y = N(x) (1 + gamma(s)) + beta(s)
///
/// Keys param_free_norm.{running_mean,running_var,num_batches_tracked} of batch norms, mlp_shared.0.*, mlp_gamma.*,
/// mlp_beta.*. In training a batch norm takes the statistics of all samples together; a channel of one value becomes 0.
/// Source: Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization", section 3.
class SpadeNorm : public nn::Module {
 public:
  SpadeNorm(nn::Module& parent, std::string name, int64_t channels, const SpadeOptions& options);
  /// @param x             [B, C, H, W]
  /// @param segmentation  [B, labels, *, *], is brought to the size of x by its nearest pixels
  at::Tensor operator()(const at::Tensor& x, const nn::MapOrIds& segmentation) const;

 private:
  nn::Norm2d norm_;
  nn::Conv2d shared_, gamma_, beta_;
};

/// A segmentation at the size of a map, by nearest pixels: the one at floor(y H / h), as the original takes it.
nn::MapOrIds segmentation_at(const nn::MapOrIds& segmentation, int64_t height, int64_t width);

/// Residual block with SPADE norms:
///
///   y = conv_1(a(norm_1(conv_0(a(norm_0(x)))))) + (conv_s(norm_s(x)), or x where the channels agree),   a = LeakyReLU 0.2
///
/// Keys conv_0, conv_1, conv_s, norm_0, norm_1, norm_s; convolutions under spectral norm have bias, weight_orig, weight_u,
/// weight_v. Source: as SpadeNorm, appendix A.
class SpadeBlock : public nn::Module {
 public:
  SpadeBlock(nn::Module& parent, std::string name, int64_t in, int64_t out, const SpadeOptions& options);
  /// [B, in, H, W] -> [B, out, H, W].
  at::Tensor operator()(const at::Tensor& x, const nn::MapOrIds& segmentation) const;

 private:
  nn::Conv2d conv_0_, conv_1_;
  std::optional<nn::Conv2d> conv_s_;
  SpadeNorm norm_0_, norm_1_;
  std::optional<SpadeNorm> norm_s_;
};

}  // namespace weft::spade
