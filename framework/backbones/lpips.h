#pragma once

#include "framework/backbones/five_taps.h"

#include <array>
#include <memory>
#include <optional>

namespace weft::backbones {

/// Learned perceptual image patch similarity (LPIPS) v0.1: 0 for equal images.
///
///   sum over five maps of mean over pixels of w . (f / |f| - g / |g|)^2,  |f| = sqrt(sum over channels f^2) + 1e-10
///
/// Keys: those of the backbone (FiveTaps::Keys), and lin0.model.1.weight … lin4.model.1.weight [1, C, 1, 1].
/// Source: Zhang et al. 2018, "The Unreasonable Effectiveness of Deep Features as a Perceptual Metric".
class Lpips : public nn::Module {
 public:
  enum class Net { Alex, Vgg };
  enum class Linear {
    Registered,  ///< tensors of this module, loaded with those of the backbone
    Given        ///< set by give_linear()
  };
  Lpips(nn::Module& parent, std::string name, Net net, FiveTaps::Keys keys, Linear linear = Linear::Registered);

  /// @param weights  five, [1, C, 1, 1] each, not negative
  /// @throws Error  (Data) for another shape
  void give_linear(const std::array<at::Tensor, 5>& weights);

  /// Maps of each layer before their mean: [B, 1, h, w].
  /// @param a, b  [B, 3, H, W], RGB in [-1, 1], at least least_side() high and wide
  std::array<at::Tensor, 5> layers(const at::Tensor& a, const at::Tensor& b) const;
  /// The distance of each pair of images: [B].
  at::Tensor operator()(const at::Tensor& a, const at::Tensor& b) const;
  /// The distance as a map of the images' size: [B, 1, H, W].
  at::Tensor spatial(const at::Tensor& a, const at::Tensor& b) const;
  /// The maps of the backbone, of the image in the units of ImageNet's statistics.
  std::array<at::Tensor, 5> features(const at::Tensor& image) const;

  int64_t least_side() const { return net_ == Net::Alex ? AlexNet::kLeastSide : Vgg16::kLeastSide; }

 private:
  at::Tensor linear(size_t layer) const;

  Net net_;
  std::unique_ptr<FiveTaps> backbone_;
  std::array<std::optional<nn::Parameter>, 5> registered_;
  std::array<at::Tensor, 5> given_;  // [1, C, 1, 1]
};

}  // namespace weft::backbones
