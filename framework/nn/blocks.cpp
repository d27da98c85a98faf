#include "framework/nn/blocks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>

namespace weft::nn {
namespace {

constexpr ConvOptions conv3(int64_t channels) {
  return {.in = channels, .out = channels, .kernel = 3};
}

}  // namespace

ResnetBlock::ResnetBlock(Module& parent, std::string name, int64_t channels, const NormOptions& norm)
    : Module(parent, std::move(name)),
      conv1_(*this, "conv_block.1", conv3(channels)),
      conv2_(*this, "conv_block.5", conv3(channels)),
      norm1_(*this, "conv_block.2", channels, norm),
      norm2_(*this, "conv_block.6", channels, norm) {}

at::Tensor ResnetBlock::operator()(const at::Tensor& x) const {
  // No other reader has the output of a norm, and its gradient does not need it: it can be changed in place.
  const at::Tensor inner = norm1_(conv1_(reflection_pad(x, 1))).relu_();
  return norm2_(conv2_(reflection_pad(inner, 1))).add_(x);
}

template <typename Layer, typename... Arguments>
const Layer& Sequence::add(Arguments&&... arguments) {
  auto layer = std::make_unique<Layer>(*this, std::to_string(next_++), std::forward<Arguments>(arguments)...);
  const Layer& made = *layer;
  layers_.push_back(std::move(layer));
  return made;
}

Sequence& Sequence::norm_relu(Step conv, int64_t channels, const NormOptions& norm_options) {
  const auto& norm = add<Norm2d>(channels, norm_options);
  ++next_;  // the relu
  steps_.push_back([conv = std::move(conv), &norm](const at::Tensor& x) { return norm(conv(x)).relu_(); });
  return *this;
}

Sequence& Sequence::conv7(int64_t in, int64_t out, const NormOptions& norm) {
  ++next_;  // the padding
  const auto& conv = add<Conv2d>(ConvOptions{.in = in, .out = out, .kernel = 7});
  return norm_relu([&conv](const at::Tensor& x) { return conv(reflection_pad(x, 3)); }, out, norm);
}

Sequence& Sequence::half(int64_t in, int64_t out, const NormOptions& norm) {
  const auto& conv = add<Conv2d>(ConvOptions{.in = in, .out = out, .kernel = 3, .stride = 2, .padding = 1});
  return norm_relu([&conv](const at::Tensor& x) { return conv(x); }, out, norm);
}

Sequence& Sequence::twice(int64_t in, int64_t out, const NormOptions& norm) {
  const auto& conv = add<ConvTranspose2d>(
      ConvOptions{.in = in, .out = out, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1});
  return norm_relu([&conv](const at::Tensor& x) { return conv(x); }, out, norm);
}

Sequence& Sequence::blocks(int64_t count, int64_t channels, const NormOptions& norm) {
  for (int64_t i = 0; i < count; ++i) {
    const auto& block = add<ResnetBlock>(channels, norm);
    steps_.push_back([&block](const at::Tensor& x) { return block(x); });
  }
  return *this;
}

Sequence& Sequence::head(int64_t in, int64_t out, Activation activation) {
  ++next_;  // the padding
  const auto& conv = add<Conv2d>(ConvOptions{.in = in, .out = out, .kernel = 7});
  next_ += activation == Activation::None ? 0 : 1;
  steps_.push_back([&conv, activation](const at::Tensor& x) {
    const at::Tensor y = conv(reflection_pad(x, 3));
    return activation == Activation::Tanh ? at::tanh(y) : activation == Activation::Sigmoid ? at::sigmoid(y) : y;
  });
  return *this;
}

at::Tensor Sequence::operator()(at::Tensor x) const {
  for (const Step& step : steps_) x = step(x);
  return x;
}

}  // namespace weft::nn
