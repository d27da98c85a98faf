#include "framework/backbones/conv_norm.h"

namespace weft::backbones {

ConvNorm::ConvNorm(nn::Module& parent, std::string name, nn::ConvOptions conv, Activation activation,
                   const nn::NormOptions& norm)
    : Sequence(parent, std::move(name)) {
  conv.bias = false;
  conv.weight_init = nn::Init::fan_in();
  add<nn::Conv2d>(conv).add<nn::Norm2d>(conv.out, norm);
  if (activation == Activation::Relu) then([](const at::Tensor& x) { return x.relu_(); });
  if (activation == Activation::Relu6) then([](const at::Tensor& x) { return x.clamp_(0, 6); });
}

}  // namespace weft::backbones
