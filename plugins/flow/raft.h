#pragma once

#include <weft/nn.h>

#include <memory>
#include <optional>
#include <vector>

/// RAFT: flow by repeated look-ups in the correlation of all pairs of pixels. Keys are torchvision's.
///
/// Source: Teed and Deng 2020, "RAFT: Recurrent All-Pairs Field Transforms for Optical Flow".
namespace weft::flow {

enum class RaftKind { Large, Small };

/// Sides of frames are multiples of this, and at least kLeastRaftSide: the coarsest correlation has 2x2 pixels then.
inline constexpr int64_t kRaftMultiple = 8, kLeastRaftSide = 128;

/// The correlation of two feature maps at several sizes of the second one.
class CorrelationPyramid {
 public:
  static constexpr int64_t kLevels = 4;

  /// @param first, second  [B, C, h, w]; float
  CorrelationPyramid(const at::Tensor& first, const at::Tensor& second);

  /// The correlations around each position, in each level at its scale:
  ///
  ///   out[l (2r + 1)^2 + (a + r) (2r + 1) + (b + r)] = level l at p / 2^l + (a, b),  a in x, b in y, from -r to r
  ///
  /// bilinear, zeros outside.
  /// @param positions  [B, 2, h, w]: x and y in pixels of the second map
  /// @returns [B, 4 (2r + 1)^2, h, w]
  at::Tensor look_up(const at::Tensor& positions, int64_t radius) const;
  /// The same by operators of LibTorch, on any device.
  at::Tensor look_up_composed(const at::Tensor& positions, int64_t radius) const;

 private:
  std::vector<at::Tensor> levels_;  // [B h w, 1, h / 2^l, w / 2^l]
};

/// A convolution with bias, its norm and ReLU. Keys 0.*, and 1.* of a batch norm.
struct RaftUnit {
  enum class Norm { None, Batch, Instance };
};

/// Features at 1/8 of the size.
class RaftEncoder : public nn::Module {
 public:
  RaftEncoder(nn::Module& parent, std::string name, RaftKind kind, RaftUnit::Norm norm, int64_t out);
  /// [B, 3, H, W] -> [B, out, H/8, W/8].
  at::Tensor operator()(const at::Tensor& image) const;

 private:
  nn::Sequence first_, layer1_, layer2_, layer3_;
  nn::Conv2d conv_;
};

/// One step of the recurrence.
class RaftUpdate : public nn::Module {
 public:
  RaftUpdate(nn::Module& parent, std::string name, RaftKind kind);

  struct Step {
    at::Tensor hidden;  ///< [B, hidden, h, w]
    at::Tensor change;  ///< of the flow, [B, 2, h, w]
  };
  Step operator()(const at::Tensor& hidden, const at::Tensor& context, const at::Tensor& correlations,
                  const at::Tensor& flow) const;

 private:
  /// A gated recurrent unit of maps.
  struct Gru : nn::Module {
    Gru(nn::Module& parent, std::string name, int64_t in, int64_t hidden, nn::PerAxis kernel, nn::Padding padding);
    at::Tensor operator()(const at::Tensor& hidden, const at::Tensor& x) const;

    nn::Conv2d convz, convr, convq;
  };

  at::Tensor motion(const at::Tensor& correlations, const at::Tensor& flow) const;

  nn::Module motion_encoder_, recurrent_block_, flow_head_;
  nn::Sequence convcorr1_;
  std::optional<nn::Sequence> convcorr2_;
  nn::Sequence convflow1_, convflow2_, conv_;
  std::vector<std::unique_ptr<Gru>> grus_;
  nn::Conv2d head1_, head2_;
};

class Raft : public nn::Module {
 public:
  Raft(nn::Module& parent, std::string name, RaftKind kind);

  /// @param first, second  [B, 3, H, W] in [-1, 1]; sides are multiples of 8, at least 128
  /// @param type           in which the convolutions compute
  /// @returns after each update, [B, 2, H, W] in pixels: second(p + flow(p)) corresponds to first(p)
  std::vector<at::Tensor> operator()(const at::Tensor& first, const at::Tensor& second, int64_t updates,
                                     at::ScalarType type) const;

  const RaftEncoder& feature_encoder() const { return feature_encoder_; }
  const RaftEncoder& context_encoder() const { return context_encoder_; }
  int64_t radius() const { return kind_ == RaftKind::Large ? 4 : 3; }

 private:
  /// Flow at 1/8 of the size, at full size.
  at::Tensor enlarged(const at::Tensor& flow, const at::Tensor& hidden) const;

  RaftKind kind_;
  RaftEncoder feature_encoder_, context_encoder_;
  RaftUpdate update_block_;
  nn::Module mask_predictor_;
  std::optional<nn::Sequence> convrelu_;
  std::optional<nn::Conv2d> mask_conv_;
};

/// The positions of all pixels: [B, 2, h, w], x and y.
at::Tensor pixel_positions(const at::Tensor& like);

}  // namespace weft::flow
