#pragma once

#include <weft/nn.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace weft::monkeynet {

/// A U-Net's depth and width. Maps are [B, C, D, H, W]; kernels see single frames.
struct HourglassOptions {
  int64_t in = 3;
  int64_t base = 32;  ///< channels at full size, which the first halving doubles
  int64_t widest = 1024;
  int64_t blocks = 5;  ///< halvings

  /// Channels after so many halvings.
  int64_t channels(int64_t halvings) const { return std::min(widest, base << halvings); }
};

/// Convolution, batch norm, ReLU. Keys conv.*, norm.*.
class ConvNormRelu : public nn::Module {
 public:
  ConvNormRelu(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t kernel = 3, int64_t groups = 1);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv3d conv_;
  nn::Norm3d norm_;
};

/// x + conv2(relu(norm2(conv1(relu(norm1(x)))))). Keys conv1, conv2, norm1, norm2.
class ResidualBlock : public nn::Module {
 public:
  ResidualBlock(nn::Module& parent, std::string name, int64_t channels);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv3d conv1_, conv2_;
  nn::Norm3d norm1_, norm2_;
};

/// Keys down_blocks.{i}.*. A mean of 2x2 pixels follows each block.
class Encoder : public nn::Module {
 public:
  Encoder(nn::Module& parent, std::string name, const HourglassOptions& options);
  /// @returns x, then the map after each halving
  std::vector<at::Tensor> operator()(const at::Tensor& x) const;

 private:
  std::vector<std::unique_ptr<ConvNormRelu>> blocks_;
};

/// Keys up_blocks.{i}.*, and conv.* where it ends with a convolution. Each map is doubled by its nearest pixels before its
/// block, and joined with the next larger one of the encoder behind it.
class Decoder : public nn::Module {
 public:
  /// How the decoder ends.
  struct End {
    int64_t extra = 0;                ///< channels that the caller adds to each map
    std::optional<int64_t> out = {};  ///< channels of a last convolution
    nn::Init weight_init = nn::Init::fan_in();
    std::optional<nn::Init> bias_init = {};  ///< if absent: PyTorch's default
  };
  Decoder(nn::Module& parent, std::string name, const HourglassOptions& options, const End& end);
  /// @param maps  as the encoder gives them, each with `extra` more channels
  /// @returns [B, out, D, H, W], or [B, base + in + extra, D, H, W]
  at::Tensor operator()(std::vector<at::Tensor> maps) const;

 private:
  std::vector<std::unique_ptr<ConvNormRelu>> blocks_;
  std::optional<nn::Conv3d> conv_;
};

/// Keys encoder.*, decoder.*: [B, in, D, H, W] -> [B, out, D, H, W].
class Hourglass : public nn::Module {
 public:
  Hourglass(nn::Module& parent, std::string name, const HourglassOptions& options, int64_t out,
            nn::Init last_weight = nn::Init::fan_in(), std::optional<nn::Init> last_bias = {});
  at::Tensor operator()(const at::Tensor& x) const { return decoder_(encoder_(x)); }

 private:
  Encoder encoder_;
  Decoder decoder_;
};

/// Means of 2x2 pixels: [B, C, D, H, W] -> [B, C, D, H/2, W/2].
at::Tensor halved(const at::Tensor& x);

/// Options of a convolution that sees single frames: kernel 1 x n x n, as many pixels out as in.
nn::ConvOptions of_frames(int64_t in, int64_t out, int64_t kernel);

}  // namespace weft::monkeynet
