#include "framework/backbones/vgg19.h"

#include "framework/base/text.h"

#include <ATen/ops/max_pool2d.h>

#include <array>

namespace weft::backbones {
namespace {

/// One convolution.
struct Layer {
  int number;   ///< among all layers of the published network, ReLU and pooling included
  int slice;    ///< the first tap that needs it
  int64_t out;  ///< channels
  bool is_after_pooling;
  bool is_tapped;  ///< its map is one of the five
};
constexpr std::array<Layer, 13> kLayers = {{
    {0, 1, 64, false, true},
    {2, 2, 64, false, false},
    {5, 2, 128, true, true},
    {7, 3, 128, false, false},
    {10, 3, 256, true, true},
    {12, 4, 256, false, false},
    {14, 4, 256, false, false},
    {16, 4, 256, false, false},
    {19, 4, 512, true, true},
    {21, 5, 512, false, false},
    {23, 5, 512, false, false},
    {25, 5, 512, false, false},
    {28, 5, 512, true, true},
}};

}  // namespace

Vgg19::Vgg19(nn::Module& parent, std::string name, Keys keys) : nn::Module(parent, std::move(name)) {
  int64_t in = 3;
  for (const Layer& layer : kLayers) {
    const std::string folder = keys == Keys::Slices ? text("slice", layer.slice) : "features";
    layers_.push_back(
        std::make_unique<nn::Conv2d>(*this, text(folder, '.', layer.number),
                                     nn::ConvOptions{.in = in, .out = layer.out, .kernel = 3, .padding = 1}));
    in = layer.out;
  }
}

std::array<at::Tensor, 5> Vgg19::operator()(at::Tensor x) const {
  std::array<at::Tensor, 5> taps;
  size_t tapped = 0;
  for (size_t i = 0; i < kLayers.size(); ++i) {
    if (kLayers[i].is_after_pooling) x = at::max_pool2d(x, 2, 2);
    x = (*layers_[i])(x).relu_();
    if (kLayers[i].is_tapped) taps[tapped++] = x;
  }
  return taps;
}

}  // namespace weft::backbones
