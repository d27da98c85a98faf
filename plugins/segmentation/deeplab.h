#pragma once

#include <weft/backbones.h>
#include <weft/nn.h>

#include <array>
#include <memory>
#include <optional>
#include <vector>

/// The networks of Chen et al.: DeepLabV3 (2017, "Rethinking Atrous Convolution for Semantic Image Segmentation") and DeepLabV3+
/// (2018, "Encoder-Decoder with Atrous Separable Convolution for Semantic Image Segmentation").
namespace weft::segmentation {

enum class Trunk { ResNet50, ResNet101, MobileNetV2 };

/// Whose weight files a network reads.
enum class Keys {
  Torchvision,  ///< classifier.0.convs.0.0.weight …
  Vainf         ///< VainF/DeepLabV3Plus-Pytorch: classifier.classifier.0.convs.0.0.weight …
};

/// The rates of the dilated convolutions, which follow the output stride: 12, 24, 36 at 8 and 6, 12, 18 at 16.
std::array<int64_t, 3> rates_of(int64_t output_stride);

/// The trunk of either network, below the key `backbone`.
class DeepLabTrunk : public nn::Module {
 public:
  /// @param output_stride  8 or 16
  DeepLabTrunk(nn::Module& parent, std::string name, Trunk kind, int64_t output_stride);

  struct Maps {
    at::Tensor stem;                   ///< of a ResNet
    std::array<at::Tensor, 4> layers;  ///< of a ResNet
    at::Tensor low;                    ///< at 1/4 of the size, with low_channels() channels
    at::Tensor high;                   ///< at 1/output_stride, with high_channels() channels
  };
  Maps operator()(const at::Tensor& image) const;

  int64_t low_channels() const { return resnet_ ? 256 : 24; }
  int64_t high_channels() const { return resnet_ ? 2048 : 320; }

 private:
  std::optional<backbones::ResNet> resnet_;
  std::optional<backbones::MobileNetV2> mobilenet_;
};

/// Atrous spatial pyramid pooling: convolutions of several rates and the mean of the map, side by side, then joined.
///
/// Keys convs.0 … convs.4, project.
class Aspp : public nn::Module {
 public:
  static constexpr int64_t kChannels = 256;
  Aspp(nn::Module& parent, std::string name, int64_t in, const std::array<int64_t, 3>& rates);

  /// The five branches, each [B, 256, h, w].
  std::vector<at::Tensor> branches(const at::Tensor& x) const;
  /// [B, in, h, w] -> [B, 256, h, w].
  at::Tensor operator()(const at::Tensor& x) const;

 private:
  nn::Module convs_;
  std::vector<std::unique_ptr<nn::Sequence>> branches_;
  backbones::ConvNorm project_;
};

struct DeepLabOptions {
  Trunk trunk = Trunk::ResNet50;
  Keys keys = Keys::Torchvision;
  int64_t output_stride = 8;
  int64_t classes = 21;
  bool auxiliary = true;  ///< whether the file has the second classifier, on layer3; keys aux_classifier.*
  std::optional<std::array<int64_t, 3>> rates = {};  ///< if absent: those of the output stride
};

/// DeepLabV3: a trunk, and a classifier behind an ASPP.
class DeepLabV3 : public nn::Module {
 public:
  DeepLabV3(nn::Module& parent, std::string name, const DeepLabOptions& options);

  /// Everything on the way, for tests.
  struct Maps {
    DeepLabTrunk::Maps trunk;
    std::vector<at::Tensor> branches;
    at::Tensor aspp;       ///< [B, 256, H/s, W/s]
    at::Tensor logits;     ///< [B, classes, H/s, W/s]
    at::Tensor auxiliary;  ///< the same, of the second classifier; undefined where there is none
  };
  Maps maps(const at::Tensor& image) const;

  /// A normalised image [B, 3, H, W] -> logits [B, classes, H/s, W/s].
  at::Tensor operator()(const at::Tensor& image) const;

 private:
  DeepLabTrunk trunk_;
  nn::Module outer_;  ///< what VainF's keys have around the classifier
  nn::Module classifier_;
  Aspp aspp_;
  nn::Sequence head_;
  std::optional<nn::Sequence> auxiliary_;
};

/// DeepLabV3+: the ASPP's map is joined with a finer one of the trunk before it is classified. Keys of VainF.
class DeepLabV3Plus : public nn::Module {
 public:
  DeepLabV3Plus(nn::Module& parent, std::string name, const DeepLabOptions& options);

  struct Maps {
    at::Tensor low, high;
    at::Tensor logits;  ///< [B, classes, H/4, W/4]
  };
  Maps maps(const at::Tensor& image) const;

  /// A normalised image [B, 3, H, W] -> logits [B, classes, H/4, W/4].
  at::Tensor operator()(const at::Tensor& image) const { return maps(image).logits; }

 private:
  DeepLabTrunk trunk_;
  nn::Module classifier_;
  backbones::ConvNorm project_;
  Aspp aspp_;
  nn::Sequence head_;
};

}  // namespace weft::segmentation
