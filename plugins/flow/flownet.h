#pragma once

#include "framework/nn/layers.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// The networks of FlowNet 2.0, without batch normalisation. Keys are those of NVIDIA's PyTorch version: `conv1.0.weight`,
/// `predict_flow6.weight`, `upsampled_flow6_to_5.weight` …
///
/// Source: Ilg et al. 2017, "FlowNet 2.0: Evolution of Optical Flow Estimation with Deep Networks", and Fischer et al. 2015
/// for C and S.
namespace weft::flow {

/// Layers by their published names: convolutions with LeakyReLU 0.1, and layers that predict and upsample flow.
class FlowLayers : public nn::Module {
 public:
  FlowLayers(nn::Module& parent, std::string name) : Module(parent, std::move(name)) {}

  /// Convolution of kernel x kernel pixels, padded to keep the size (or halve it), then LeakyReLU.
  void add_conv(const std::string& name, int64_t in, int64_t out, int64_t kernel = 3, int64_t stride = 1);
  /// Convolution of 3x3 pixels without activation; keys as those of add_conv.
  void add_inter_conv(const std::string& name, int64_t in, int64_t out);
  /// Convolution of 3x3 pixels that gives a flow.
  void add_predictor(const std::string& name, int64_t in);
  /// Transposed convolution of 4x4 pixels that doubles the size, then LeakyReLU.
  void add_deconv(const std::string& name, int64_t in, int64_t out);
  enum class Bias { With, Without };
  /// Transposed convolution of 4x4 pixels that doubles a flow's size; its values are not scaled.
  void add_enlarger(const std::string& name, Bias bias);

  /// The output of the layer `name`.
  at::Tensor layer(const std::string& name, const at::Tensor& x) const;
  /// The output of several convolutions in sequence.
  at::Tensor chain(const std::vector<std::string>& names, at::Tensor x) const;

 private:
  struct Layer {
    std::optional<nn::Conv2d> conv;
    std::optional<nn::ConvTranspose2d> deconv;
    bool is_activated = false;
  };
  std::map<std::string, std::unique_ptr<Layer>> layers_;
};

/// The shared part of C, S and SD: from 1/64 of the size on, each level predicts a flow, and the next finer level reads it
/// beside its own features.
class FlowDecoder : public FlowLayers {
 public:
  /// Flows at 1/4, 1/8, 1/16, 1/32 and 1/64 of the size, finest first, in 1/20 pixel.
  using Flows = std::array<at::Tensor, 5>;
  enum class Prediction {
    Direct,     ///< of the joined features
    InterConv,  ///< through a convolution in between, as in SD
  };

 protected:
  FlowDecoder(nn::Module& parent, std::string name, Prediction prediction, Bias bias_of_enlargers);
  /// @param skips  features at 1/64, 1/32, 1/16, 1/8 and 1/4, with 1024, 512, 512, 256 and 128 channels
  Flows decode(const std::array<at::Tensor, 5>& skips) const;
  /// Adds conv4 to conv6_1, which halve three times: 256 channels at 1/8 -> 1024 at 1/64.
  void add_trunk();
  /// Runs them. @returns the features at 1/64, 1/32 and 1/16
  std::array<at::Tensor, 3> run_trunk(const at::Tensor& conv3_1) const;

 private:
  Prediction prediction_;
};

/// FlowNetC: flow from the correlation of two images.
class FlowNetC : public FlowDecoder {
 public:
  FlowNetC(nn::Module& parent, std::string name);
  /// @param pair  [B, 6, H, W], sizes multiples of 64
  Flows operator()(const at::Tensor& pair) const;
};

/// FlowNetS, stacked: refines a flow from the images, the flow and its error.
class FlowNetS : public FlowDecoder {
 public:
  FlowNetS(nn::Module& parent, std::string name);
  /// @param x  [B, 12, H, W]: two images, the second warped to the first, the flow over 20, the error
  Flows operator()(const at::Tensor& x) const;
};

/// FlowNetSD: flow of small displacements.
class FlowNetSD : public FlowDecoder {
 public:
  FlowNetSD(nn::Module& parent, std::string name);
  /// @param pair  [B, 6, H, W]
  Flows operator()(const at::Tensor& pair) const;
};

/// FlowNetFusion: merges two flows.
class FlowNetFusion : public FlowLayers {
 public:
  FlowNetFusion(nn::Module& parent, std::string name);
  /// @param x  [B, 11, H, W]: an image, both flows, their lengths, their errors
  /// @returns the flow [B, 2, H, W] in pixels
  at::Tensor operator()(const at::Tensor& x) const;
};

/// FlowNet2, the stack of all networks: 162,518,834 parameters. Keys:
/// flownetc.*, flownets_1.*, flownets_2.*, flownets_d.*, flownetfusion.*.
class FlowNet2 : public nn::Module {
 public:
  FlowNet2(nn::Module& parent, std::string name);

  /// @param first, second  [B, 3, H, W] in [-1, 1], sizes multiples of 64
  /// @param type           in which the convolutions compute
  /// @returns [B, 2, H, W] in pixels: second(p + flow(p)) corresponds to first(p)
  at::Tensor operator()(const at::Tensor& first, const at::Tensor& second, at::ScalarType type) const;

 private:
  /// Runs a network of the stack on the images, a flow and its error.
  at::Tensor refined(const FlowNetS& network, const at::Tensor& pair, const at::Tensor& flow,
                     at::ScalarType type) const;

  FlowNetC c_;
  FlowNetS s1_, s2_;
  FlowNetSD sd_;
  FlowNetFusion fusion_;
};

}  // namespace weft::flow
