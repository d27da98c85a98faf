#pragma once

#include "plugins/fewshot/generated.h"

#include <memory>
#include <vector>

namespace weft::fewshot {

/// A part of the encoder of examples.
///
///   [ref_img_first, ref_img_down_0 … ref_img_down_{n-1}] and, where labels are multiplied, the same with ref_label_
///
/// The maps of both towers are concatenated along the channel dimension: first the image's, then the label map's.
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", section 3.1, E_F.
class ReferenceTowers : public nn::Module {
 public:
  struct Options {
    Pyramid pyramid;
    Norms norms;
    ExampleLabels labels = ExampleLabels::Product;
    bool residual = false;       ///< residual blocks instead of convolutions
    int64_t begin = 0, end = 0;  ///< halvings: [begin, end)
    int64_t label_channels = 0;  ///< of the first layer; 0: there is none
  };
  ReferenceTowers(nn::Module& parent, const Options& options);
  /// @param image  [B, 3, H, W]  @param label  [B, label_channels, H, W]; for the parts with a first layer
  at::Tensor first(const at::Tensor& image, const at::Tensor& label) const;
  /// [B, towers() * channels(begin), h, w] -> [B, towers() * channels(end), h / 2^(end - begin), …].
  at::Tensor operator()(const at::Tensor& x) const;
  static int64_t towers(ExampleLabels labels) { return labels == ExampleLabels::Product ? 2 : 1; }

 private:
  struct Tower {
    std::unique_ptr<EncoderLayer> first;
    std::vector<std::unique_ptr<EncoderLayer>> layers;
    std::vector<std::unique_ptr<ResidualBlock>> blocks;
    at::Tensor operator()(at::Tensor x) const;
  };
  Tower tower(const std::string& prefix, int64_t in, const Options& options);

  ExampleLabels labels_;
  std::vector<Tower> towers_;
};

/// What an example says at each level: maps of one size, which go down in channels, but not up in size.
///
/// Keys ref_img_up_{i}.*, ref_label_up_{i}.*.
class ReferenceDecoder : public nn::Module {
 public:
  ReferenceDecoder(nn::Module& parent, const ReferenceTowers::Options& options);
  /// @param x  [B, towers() * channels(down), h, w]
  /// @returns by level 0 … down: of a product [B, C, C], rows of the image's channels; else maps [B, C, h, w]
  std::vector<at::Tensor> operator()(const at::Tensor& x) const;

 private:
  using Layers = std::vector<std::unique_ptr<nn::Module>>;
  at::Tensor up(const nn::Module& layer, const at::Tensor& x) const;

  ReferenceTowers::Options options_;
  Layers image_, label_;  ///< by level
};

/// Generates kernels from an encoded example.
///
/// Keys fc_{spade_0,spade_1,spade_s,spade_e,conv_0,conv_1,conv_s}_{i}.{0,2,4}.*: linear layers with LeakyReLU between.
/// Source: Wang et al. 2019, "Few-shot Video-to-Video Synthesis", section 3.1, E_P.
class WeightGenerator : public nn::Module {
 public:
  /// @param hidden_layers  of each generator
  WeightGenerator(nn::Module& parent, const GeneratedOptions& options, const Norms& norms, int64_t hidden_layers);
  /// @param encoded  of ReferenceDecoder
  /// @returns [B, GeneratedLayout::numbers()]
  at::Tensor operator()(const std::vector<at::Tensor>& encoded) const;
  const GeneratedLayout& layout() const { return layout_; }

 private:
  struct Mlp : nn::Module {
    Mlp(nn::Module& parent, const GeneratedLayout::Part& part, int64_t in, bool spectral_norm, int64_t hidden_layers);
    at::Tensor operator()(at::Tensor x) const;
    std::vector<std::unique_ptr<nn::Linear>> layers;
  };

  GeneratedLayout layout_;
  ExampleLabels labels_;
  std::vector<std::unique_ptr<Mlp>> generators_;
};

}  // namespace weft::fewshot
