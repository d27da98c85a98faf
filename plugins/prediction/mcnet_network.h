#pragma once

#include <weft/nn.h>

#include <array>

namespace weft::prediction {

/// How MCNet's decoder adds what the encoders kept.
enum class McNetDecoder {
  TensorFlow,  ///< a ReLU follows the sum
  PyTorch      ///< nothing does: the port sunxm2357/mcnet_pytorch
};

struct McNetOptions {
  int64_t channels = 3;   ///< of a frame: 3 in the order blue, green, red, or 1
  int64_t features = 64;  ///< after the first convolutions
  McNetDecoder decoder = McNetDecoder::TensorFlow;
};

/// The generator of MCNet: the next frame from the motion so far and the content of the last frame.
///
/// Keys motion_enc.*, convLstm_cell.*, content_enc.*, comb_layers.*, residual{3,2,1}.*, dec_cnn.*, those of the PyTorch port.
/// Source: Villegas et al. 2017, "Decomposing Motion and Content for Natural Video Sequence Prediction", section 3 and
/// appendix.
class McNetNetwork : public nn::Module {
 public:
  McNetNetwork(nn::Module& parent, std::string name, const McNetOptions& options);

  /// Maps of an encoder: those of its three levels, and the last one pooled, [B, 4 features, H/8, W/8].
  struct Encoded {
    std::array<at::Tensor, 3> levels;  // [B, F, H, W], [B, 2F, H/2, W/2], [B, 4F, H/4, W/4]
    at::Tensor pooled;
  };
  /// @param difference  [B, 1, H, W] of grey frames in [0, 1]; H and W are multiples of 8
  Encoded motion(const at::Tensor& difference) const { return encoded(difference, motion_); }
  /// @param frame  [B, channels, H, W] in [-1, 1]
  Encoded content(const at::Tensor& frame) const { return encoded(frame, content_); }
  nn::LstmState step(const Encoded& motion, const nn::LstmState& before) const { return lstm_(motion.pooled, before); }
  /// @returns [B, channels, H, W] in [-1, 1]
  at::Tensor decode(const at::Tensor& hidden, const Encoded& motion, const Encoded& content) const;

 private:
  static Encoded encoded(const at::Tensor& map, const std::array<nn::Sequence, 3>& encoder);

  McNetOptions options_;
  std::array<nn::Sequence, 3> motion_;
  nn::ConvLstmCell lstm_;
  std::array<nn::Sequence, 3> content_;
  nn::Sequence combine_;
  std::array<nn::Sequence, 3> residuals_;  ///< of the levels 3, 2, 1
  std::array<nn::Sequence, 3> decoders_;   ///< of the levels 3, 2, 1
};

/// A map of twice the size: each value at the upper left of four pixels, the others 0.
at::Tensor unpooled(const at::Tensor& x);

/// The brightness of a frame, [B, C, H, W] -> [B, 1, H, W] in its range.
/// @param frame  3 channels in the order red, green, blue, or 1
at::Tensor grey(const at::Tensor& frame);

}  // namespace weft::prediction
