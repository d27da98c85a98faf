#include "framework/backbones/mobilenet_v2.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/constant_pad_nd.h>

#include <array>

namespace weft::backbones {
namespace {

/// Blocks of one width: the first of them has the stride.
struct Group {
  int64_t expansion, channels, blocks, stride;
};
constexpr std::array<Group, 7> kGroups = {
    {{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}}};

}  // namespace

InvertedResidual::InvertedResidual(nn::Module& parent, std::string name, const Options& o)
    : Module(parent, std::move(name)), options_(o), conv_(*this, "conv") {
  const int64_t hidden = o.in * o.expansion;
  if (o.expansion != 1) {
    conv_.add<ConvNorm>(nn::ConvOptions{.in = o.in, .out = hidden, .kernel = 1}, Activation::Relu6);
  }
  const int64_t padding = o.border == Border::Depthwise ? o.dilation : 0;
  conv_.add<ConvNorm>(nn::ConvOptions{.in = hidden,
                                      .out = hidden,
                                      .stride = o.stride,
                                      .padding = padding,
                                      .dilation = o.dilation,
                                      .groups = hidden},
                      Activation::Relu6);
  conv_.add<nn::Conv2d>(
      nn::ConvOptions{.in = hidden, .out = o.out, .kernel = 1, .bias = false, .weight_init = nn::Init::fan_in()});
  conv_.add<nn::Norm2d>(o.out, kBatchNorm);
}

at::Tensor InvertedResidual::operator()(const at::Tensor& x) const {
  const int64_t d = options_.dilation;
  const at::Tensor y = conv_(options_.border == Border::Depthwise ? x : at::constant_pad_nd(x, {d, d, d, d}));
  return options_.stride == 1 && options_.in == options_.out ? x + y : y;
}

MobileNetV2::MobileNetV2(nn::Module& parent, std::string name, int64_t output_stride)
    : Module(parent, std::move(name)) {
  int64_t number = 0;
  const auto add = [&]<typename Layer, typename... Arguments>(std::type_identity<Layer>,
                                                              const Arguments&... arguments) {
    const bool is_low = number <= 3;
    auto layer = std::make_unique<Layer>(
        *this, (is_low ? "low_level_features." : "high_level_features.") + std::to_string(number++), arguments...);
    (is_low ? low_ : high_).emplace_back([&layer = *layer](const at::Tensor& x) { return layer(x); });
    groups_.push_back(std::move(layer));
  };
  add(std::type_identity<ConvNorm>(), nn::ConvOptions{.in = 3, .out = 32, .stride = 2}, Activation::Relu6);
  int64_t in = 32, reached = 2, dilation = 1;
  for (const Group& group : kGroups) {
    InvertedResidual::Options block{in, group.channels, group.expansion, 1, dilation, Border::BeforeExpansion};
    if (reached == output_stride) {
      dilation *= group.stride;
    } else {
      block.stride = group.stride;
      reached *= group.stride;
    }
    for (int64_t i = 0; i < group.blocks; ++i) {
      add(std::type_identity<InvertedResidual>(), block);
      block = {group.channels, group.channels, group.expansion, 1, dilation, Border::BeforeExpansion};
    }
    in = group.channels;
  }
}

MobileNetV2::Maps MobileNetV2::operator()(const at::Tensor& image) const {
  at::Tensor low = image;
  for (const auto& layer : low_) low = layer(low);
  at::Tensor high = low;
  for (const auto& layer : high_) high = layer(high);
  return {low, high};
}

}  // namespace weft::backbones
