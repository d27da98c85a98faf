#pragma once

#include <weft/gan.h>
#include <weft/nn.h>
#include <weft/node.h>

#include <memory>
#include <vector>

namespace weft::gan {

/// Options that the networks of a discriminator, one for each scale, share.
struct PatchOptions {
  static constexpr int64_t kMostFirstChannels = 64, kMostChannels = 512;

  /// The program whose discriminator it is.
  enum class Variant {
    Vid2vid,
    Pix2pixHD,  ///< as many channels at each scale; instance norms without tensors
    Spade,      ///< keys of its own, network 0 at full resolution, no spectral norm in the first and the last layer
    FewShot     ///< as Spade, but instance norms have a weight and a bias, and epsilon 0.1
  };
  Variant variant = Variant::Vid2vid;
  int64_t scales = 2;
  int64_t layers = 3;
  int64_t features = 64;
  bool feature_matching = true;
  bool spectral_norm = false;
  nn::NormOptions norm;

  /// Channels after the first layer of network `index`.
  int64_t first_channels(int64_t index) const;
  /// Whether network 0 sees full resolution; otherwise the last one does.
  bool is_finest_first() const { return is_of_spade(); }
  /// Whether keys, spectral norms and batches are those of SPADE's discriminator.
  bool is_of_spade() const { return variant == Variant::Spade || variant == Variant::FewShot; }
  /// The norm of the layers, with the tensors that the variant's files hold.
  nn::NormOptions norm_of_layers() const;
};

/// A PatchGAN at one resolution: each pixel of its score judges a patch of the input.
///
/// Convolutions of 4x4 pixels, padded by 2: `layers` of them halve the map (to H/2 + 1), two more keep it (H + 1), and
/// the last one gives the score. LeakyReLU 0.2 follows all but the last, a norm all but the first and the last.
///
/// Keys scale{index}_layer{j}.{0: convolution, 1: norm}.*, or, where no features are kept, layer{index}.*, numbered
/// through. With spectral norms a convolution's keys are those of nn::SpectralNorm. SPADE's keys are
/// discriminator_{index}.model{j}.0.*, of layers with a norm …model{j}.0.{0,1}.*.
///
/// Source: Isola et al. 2017, "Image-to-Image Translation with Conditional Adversarial Networks", as pix2pixHD, vid2vid and
/// SPADE have it.
class PatchNetwork {
 public:
  /// @param in  channels of the input
  PatchNetwork(nn::Module& owner, int64_t index, int64_t in, const PatchOptions& options);

  /// [B, in, H, W] -> a score [B, 1, h, w], and the features of all layers but the last where they are kept.
  Verdict operator()(at::Tensor x) const;

 private:
  struct Layer {
    Layer(nn::Module& owner, const std::string& name, const nn::ConvOptions& options) : conv(owner, name, options) {}
    nn::Conv2d conv;
    std::optional<nn::Norm2d> norm;
  };

  std::vector<std::unique_ptr<Layer>> layers_;
  bool keeps_features_;
};

}  // namespace weft::gan
