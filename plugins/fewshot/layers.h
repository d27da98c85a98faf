#pragma once

#include <weft/nn.h>
#include <weft/node.h>

#include <optional>
#include <string>

namespace weft::fewshot {

constexpr double kSlope = 0.2;  ///< of all LeakyReLUs
constexpr double kGain = 0.02;  ///< of the Xavier initialisation of all weights

/// Channels of the maps of an encoder with `down` halvings: features 2^level, but at most 1024 and features 2^down.
struct Pyramid {
  static constexpr int64_t kMostChannels = 1024;

  int64_t features = 32;
  int64_t down = 5;

  /// @param level  0 (full resolution) … down; the channels of level down + 1 are those of level down
  int64_t channels(int64_t level) const;
  /// Height and width are divided by this at the last level.
  int64_t factor() const { return int64_t{1} << down; }
  void declare(Params& p);
};

/// The norm of a network's layers, and whether its kernels are divided by their largest singular value. Batch norms
/// normalise with the values at hand in training, with the running statistics otherwise.
struct Norms {
  nn::NormOptions::Kind kind = nn::NormOptions::Kind::Batch;
  bool spectral_norm = true;
  nn::NormOptions::Statistics statistics = nn::NormOptions::Statistics::ByMode;  ///< of batch norms

  void declare(Params& p);
  /// Of encoders and residual blocks: batch norms have a weight and a bias, instance norms not; epsilon 1e-5.
  nn::NormOptions of_blocks() const;
  /// Of flow networks: weight and bias in both kinds; epsilon 0.1 of instance norms.
  nn::NormOptions of_flow() const;
  /// Modulated by SPADE: no weight, no bias; epsilon 0.1 of instance norms.
  nn::NormOptions modulated() const;
};

/// A convolution that keeps the size of its map, or divides it by the stride; the kernel is odd.
/// @param gain  of the Xavier initialisation
nn::ConvOptions conv_options(int64_t in, int64_t out, int64_t kernel, bool spectral_norm, int64_t stride = 1,
                             double gain = kGain);

/// A linear layer without spectral norm.
nn::LinearOptions linear_options(int64_t in, int64_t out);

/// Convolution, norm, LeakyReLU of the encoders of examples. Keys conv.*, bn.*.
class EncoderLayer : public nn::Module {
 public:
  EncoderLayer(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t stride, const Norms& norms);
  /// [B, in, H, W] -> [B, out, H / stride, W / stride].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv2d conv_;
  nn::Norm2d norm_;
};

/// Convolution without bias, norm, LeakyReLU of flow networks. Keys 0.*, 1.*.
class FlowLayer : public nn::Module {
 public:
  FlowLayer(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t stride, const Norms& norms);
  /// [B, in, H, W] -> [B, out, H / stride, W / stride].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv2d conv_;
  nn::Norm2d norm_;
};

/// Each pixel becomes 2x2: [B, C, H, W] -> [B, C, 2H, 2W].
at::Tensor twice(const at::Tensor& x);
/// A map at the size of another one, by nearest pixels.
at::Tensor resized_like(const at::Tensor& map, const at::Tensor& like);

/// The kernels of a convolution for each sample.
struct SampleKernels {
  at::Tensor weight;  ///< [B, out, in, k, k], k odd
  at::Tensor bias;    ///< [B, out]; undefined: none
};
/// Convolves each sample with kernels of its own: [B, in, H, W] -> [B, out, H / stride, W / stride].
at::Tensor convolve_samples(const at::Tensor& x, const SampleKernels& kernels, int64_t stride = 1);

/// Shifts a map cyclically by whole pixels, down and to the right, then mirrors it.
enum class Mirror { No, Yes };
at::Tensor rolled(const at::Tensor& map, int64_t down, int64_t right, Mirror mirror);

}  // namespace weft::fewshot
