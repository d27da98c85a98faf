#pragma once

#include "framework/backbones/taps.h"
#include "framework/nn/layers.h"

#include <memory>

namespace weft::backbones {

/// Inception v3 as the Fréchet inception distance uses it: the network of pytorch-fid.
///
/// Average pools leave their border out, the last block takes maxima instead, and batch norms have an epsilon of 1e-3. Keys
/// are those of the published `pt_inception-2015-12-05` (torchvision's names; `fc` of 1008 classes).
/// Source: Szegedy et al. 2016, "Rethinking the Inception Architecture for Computer Vision"; Heusel et al. 2017.
class InceptionFid : public nn::Module {
 public:
  /// @param epsilon  of the batch norms
  InceptionFid(nn::Module& parent, std::string name, int64_t classes = 1008, double epsilon = 1e-3);
  ~InceptionFid() override;

  /// Resizes to 299x299, bilinear without antialiasing, as pytorch-fid does.
  /// @param image  [B, 3, H, W]
  static at::Tensor resized(const at::Tensor& image);

  /// @param image  [B, 3, H, W] in [-1, 1], of 299x299 pixels for published numbers, at least 75x75
  /// @param tap    gets `block0` [64], `block1` [192], `block2` [768 channels], and `Mixed_5b` … `Mixed_7c` by name
  /// @returns [B, 2048, h, w]; the features `pool3` are its mean over pixels
  at::Tensor maps(const at::Tensor& image, const Tap& tap = nullptr) const;
  /// Class scores before the softmax, of features [B, 2048]: [B, classes].
  at::Tensor logits(const at::Tensor& features) const;

  static constexpr int64_t kLeastSide = 75;

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace weft::backbones
