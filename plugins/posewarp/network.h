#pragma once

#include <weft/nn.h>

#include <memory>
#include <optional>
#include <vector>

namespace weft::posewarp {

inline constexpr int64_t kMostFeatures = 16384;

/// Convolution with TensorFlow's SAME border, and LeakyReLU 0.2.
class Layer : public nn::Module {
 public:
  Layer(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t kernel = 3, int64_t stride = 1);
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Conv2d conv_;
};

/// Options of a convolution as Keras has it: SAME border, Glorot's initial values, biases of 0.
nn::ConvOptions keras_conv(int64_t in, int64_t out, int64_t kernel);

struct UnetOptions {
  int64_t in = 3;
  int64_t features = 64;  ///< of the first two maps; all smaller ones have twice as many
  int64_t last = 32;      ///< channels of the result
};

/// A U-Net of images and joints, which come in at half the size.
///
/// Keys enc.{0..10}.*, dec.{0..4}.*. Stride 2 at 1, 3, 5, 7 and 9; each map of the decoder is doubled and joined with the
/// encoder's map of that size.
/// Source: Balakrishnan et al. 2018, "Synthesizing Images of Humans in Unseen Poses", section 4 and its program.
class Unet : public nn::Module {
 public:
  /// Halvings of the maps.
  static constexpr int64_t kHalvings = 5;

  Unet(nn::Module& parent, std::string name, const UnetOptions& options);
  /// @param x     [B, in, H, W]
  /// @param pose  [B, 14, H/2, W/2]
  /// @returns [B, last, H, W]
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& pose) const;

 private:
  std::vector<std::unique_ptr<Layer>> encoder_, decoder_;
};

/// The source cut into parts, each part moved: [B, 3 · 11, H, W], of which the first three are the background, which stays.
/// @param masks  [B, 11, H, W]
at::Tensor moved_parts(const at::Tensor& image, const at::Tensor& masks, const at::Tensor& transforms);

/// Tells real images from generated ones, beside the joints of the source and of the image: a logit for each.
///
/// Keys conv.{0..5}.*, dense.{0..2}.*. The first dense layer makes it fit one size.
/// Source: as Unet, section 4.3 and its program.
class DiscriminatorNetwork : public nn::Module {
 public:
  static constexpr int64_t kHalvings = 5;

  /// @param height, width  of the image, multiples of 32
  DiscriminatorNetwork(nn::Module& parent, std::string name, int64_t features, int64_t height, int64_t width);
  /// @param pose  of source and image, [B, 28, H/2, W/2]
  /// @returns [B, 1]
  at::Tensor operator()(const at::Tensor& image, const at::Tensor& pose) const;

 private:
  std::vector<std::unique_ptr<Layer>> layers_;
  std::vector<std::unique_ptr<nn::Linear>> dense_;
};

}  // namespace weft::posewarp
