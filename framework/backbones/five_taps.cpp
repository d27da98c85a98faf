#include "framework/backbones/five_taps.h"

#include "framework/base/text.h"

#include <ATen/ops/relu.h>

namespace weft::backbones {
namespace {

using Layer = FiveTaps::Layer;

constexpr std::array<Layer, 5> kAlexNet = {{
    {0, 1, 64, 11, 4, 2, 0, true},
    {3, 2, 192, 5, 1, 2, 3, true},
    {6, 3, 384, 3, 1, 1, 3, true},
    {8, 4, 256, 3, 1, 1, 0, true},
    {10, 5, 256, 3, 1, 1, 0, true},
}};

constexpr std::array<Layer, 13> kVgg16 = {{
    {0, 1, 64, 3, 1, 1, 0, false},
    {2, 1, 64, 3, 1, 1, 0, true},
    {5, 2, 128, 3, 1, 1, 2, false},
    {7, 2, 128, 3, 1, 1, 0, true},
    {10, 3, 256, 3, 1, 1, 2, false},
    {12, 3, 256, 3, 1, 1, 0, false},
    {14, 3, 256, 3, 1, 1, 0, true},
    {17, 4, 512, 3, 1, 1, 2, false},
    {19, 4, 512, 3, 1, 1, 0, false},
    {21, 4, 512, 3, 1, 1, 0, true},
    {24, 5, 512, 3, 1, 1, 2, false},
    {26, 5, 512, 3, 1, 1, 0, false},
    {28, 5, 512, 3, 1, 1, 0, true},
}};

}  // namespace

FiveTaps::FiveTaps(nn::Module& parent, std::string name, Keys keys, std::span<const Layer> rows)
    : nn::Module(parent, std::move(name)), rows_(rows) {
  int64_t in = 3;
  for (const Layer& row : rows) {
    const std::string folder = keys == Keys::Slices ? text("net.slice", row.slice) : "features";
    layers_.push_back(std::make_unique<nn::Conv2d>(*this, text(folder, '.', row.number),
                                                   nn::ConvOptions{.in = in,
                                                                   .out = row.out,
                                                                   .kernel = row.kernel,
                                                                   .stride = row.stride,
                                                                   .padding = row.padding,
                                                                   .weight_init = nn::Init::fan_in()}));
    in = row.out;
  }
}

std::array<at::Tensor, 5> FiveTaps::operator()(at::Tensor x) const {
  std::array<at::Tensor, 5> taps;
  size_t tapped = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (rows_[i].pooling > 0) x = nn::max_pool(x, {.kernel = rows_[i].pooling, .stride = 2});
    x = (*layers_[i])(x).relu_();
    if (rows_[i].is_tapped) taps[tapped++] = x;
  }
  return taps;
}

std::array<int64_t, 5> FiveTaps::channels() const {
  std::array<int64_t, 5> channels{};
  size_t tapped = 0;
  for (const Layer& row : rows_) {
    if (row.is_tapped) channels[tapped++] = row.out;
  }
  return channels;
}

AlexNet::AlexNet(nn::Module& parent, std::string name, Keys keys) : FiveTaps(parent, std::move(name), keys, kAlexNet) {}

Vgg16::Vgg16(nn::Module& parent, std::string name, Keys keys) : FiveTaps(parent, std::move(name), keys, kVgg16) {}

}  // namespace weft::backbones
