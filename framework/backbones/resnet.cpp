#include "framework/backbones/resnet.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>

namespace weft::backbones {
namespace {

nn::ConvOptions plain(nn::ConvOptions options) {
  options.bias = false;
  options.weight_init = nn::Init::fan_in();
  return options;
}

}  // namespace

Bottleneck::Bottleneck(nn::Module& parent, std::string name, const Options& o)
    : Module(parent, std::move(name)),
      conv1_(*this, "conv1", plain({.in = o.in, .out = o.planes, .kernel = 1})),
      bn1_(*this, "bn1", o.planes, o.norm),
      conv2_(
          *this, "conv2",
          plain({.in = o.planes, .out = o.planes, .stride = o.stride, .padding = o.dilation, .dilation = o.dilation})),
      bn2_(*this, "bn2", o.planes, o.norm),
      conv3_(*this, "conv3", plain({.in = o.planes, .out = 4 * o.planes, .kernel = 1})),
      bn3_(*this, "bn3", 4 * o.planes, o.norm) {
  if (o.stride == 1 && o.in == 4 * o.planes) return;
  downsample_.emplace(*this, "downsample");
  downsample_->add<nn::Conv2d>(plain({.in = o.in, .out = 4 * o.planes, .kernel = 1, .stride = o.stride}))
      .add<nn::Norm2d>(4 * o.planes, o.norm);
}

at::Tensor Bottleneck::operator()(const at::Tensor& x) const {
  at::Tensor y = bn1_(conv1_(x)).relu_();
  y = bn2_(conv2_(y)).relu_();
  y = bn3_(conv3_(y));
  return (y + (downsample_ ? (*downsample_)(x) : x)).relu_();
}

ResNet::ResNet(nn::Module& parent, std::string name, const ResNetOptions& options)
    : Module(parent, std::move(name)),
      conv1_(*this, "conv1", plain({.in = 3, .out = 64, .kernel = 7, .stride = 2, .padding = 3})),
      bn1_(*this, "bn1", 64, options.norm) {
  int64_t in = 64, dilation = 1;
  for (size_t i = 0; i < layers_.size(); ++i) {
    Bottleneck::Options block{in, int64_t{64} << i, i == 0 ? 1 : 2, dilation, options.norm};
    if (i > 0 && options.dilated[i - 1]) {
      dilation *= block.stride;
      block.stride = 1;
    }
    layers_[i] = std::make_unique<nn::Sequence>(*this, text("layer", i + 1));
    layers_[i]->add<Bottleneck>(block);
    in = 4 * block.planes;
    for (int64_t n = 1; n < options.blocks[i]; ++n) {
      layers_[i]->add<Bottleneck>(Bottleneck::Options{in, block.planes, 1, dilation, options.norm});
    }
  }
}

ResNet::Maps ResNet::operator()(const at::Tensor& image) const {
  Maps maps;
  maps.stem = bn1_(conv1_(image)).relu_();                                           // [B, 64, H/2, W/2]
  at::Tensor x = nn::max_pool(maps.stem, {.kernel = 3, .stride = 2, .padding = 1});  // [B, 64, H/4, W/4]
  for (size_t i = 0; i < layers_.size(); ++i) maps.layers[i] = x = (*layers_[i])(x);
  return maps;
}

}  // namespace weft::backbones
