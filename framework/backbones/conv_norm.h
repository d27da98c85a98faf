#pragma once

#include "framework/nn/layers.h"
#include "framework/nn/sequence.h"

namespace weft::backbones {

/// Batch norm as PyTorch's networks have it: statistics of the batch in training, those in the weights otherwise.
inline constexpr nn::NormOptions kBatchNorm = {.statistics = nn::NormOptions::Statistics::ByMode,
                                               .weight_init = nn::Init::ones()};

enum class Activation { None, Relu, Relu6 };

/// A convolution without bias, its normalisation, and an activation. Keys 0.weight, and 1.* of the norm, as torchvision's
/// Conv2dNormActivation has them.
class ConvNorm : public nn::Sequence {
 public:
  /// @param conv  its `bias` and `weight_init` are set here
  ConvNorm(nn::Module& parent, std::string name, nn::ConvOptions conv, Activation activation = Activation::Relu,
           const nn::NormOptions& norm = kBatchNorm);
};

}  // namespace weft::backbones
