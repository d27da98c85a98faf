#pragma once

#include "plugins/fewshot/layers.h"

#include <memory>
#include <span>
#include <vector>

namespace weft::fewshot {

struct EmbedderOptions {
  /// Which maps come out: those of the encoder; those of a decoder behind it; those of a decoder that sees the encoder's
  /// maps of the same size too.
  enum class Form { Encoder, EncoderDecoder, Unet };

  int64_t in = 0;  ///< channels of the map
  Pyramid pyramid;
  Form form = Form::EncoderDecoder;
  int64_t generated = 0;  ///< the finest layers of the decoder whose kernels are given with each call (EncoderDecoder)
  double gain = kGain;    ///< of the initialisation
};

/// Maps of all resolutions from a label map, or from a warped picture and its mask: what the norms of the generator see.
///
/// Convolutions and LeakyReLU, without norms. Keys conv_first.0.*, down_{i}.0.*, up_{i}.1.*.
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", appendix A.
class LabelEmbedder : public nn::Module {
 public:
  LabelEmbedder(nn::Module& parent, std::string name, const EmbedderOptions& options);
  /// @param x          [B, in, H, W], H and W multiples of 2^down
  /// @param generated  kernels of the finest layers, finest first
  /// @returns by level, 0 … down: [B, channels(level), H / 2^level, W / 2^level]
  std::vector<at::Tensor> operator()(const at::Tensor& x, std::span<const SampleKernels> generated = {}) const;

 private:
  EmbedderOptions options_;
  std::unique_ptr<nn::Conv2d> first_;
  std::vector<std::unique_ptr<nn::Conv2d>> down_;
  std::vector<std::unique_ptr<nn::Conv2d>> up_;  ///< by level; nullptr where kernels are generated
};

}  // namespace weft::fewshot
