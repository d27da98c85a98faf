#include "plugins/vid2vid/blocks.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>

namespace weft::vid2vid {
namespace {

constexpr nn::ConvOptions conv3(int64_t channels) {
  return {.in = channels, .out = channels, .kernel = 3};
}

at::Tensor padded_by_3(const at::Tensor& x) {
  return nn::reflection_pad(x, 3);
}

}  // namespace

ResnetBlock::ResnetBlock(nn::Module& parent, std::string name, int64_t channels, const nn::NormOptions& norm)
    : Module(parent, std::move(name)),
      conv1_(*this, "conv_block.1", conv3(channels)),
      conv2_(*this, "conv_block.5", conv3(channels)),
      norm1_(*this, "conv_block.2", channels, norm),
      norm2_(*this, "conv_block.6", channels, norm) {}

at::Tensor ResnetBlock::operator()(const at::Tensor& x) const {
  // What a norm gives is nobody else's, and its gradient does not need it: it can be changed in place.
  const at::Tensor inner = norm1_(conv1_(nn::reflection_pad(x, 1))).relu_();
  return norm2_(conv2_(nn::reflection_pad(inner, 1))).add_(x);
}

Stack& Stack::norm_relu(int64_t channels, const nn::NormOptions& norm) {
  add<nn::Norm2d>(channels, norm).then([](const at::Tensor& x) { return x.relu_(); });
  return *this;
}

Stack& Stack::conv7(int64_t in, int64_t out, const nn::NormOptions& norm) {
  then(padded_by_3).add<nn::Conv2d>(nn::ConvOptions{.in = in, .out = out, .kernel = 7});
  return norm_relu(out, norm);
}

Stack& Stack::half(int64_t in, int64_t out, const nn::NormOptions& norm) {
  add<nn::Conv2d>(nn::ConvOptions{.in = in, .out = out, .kernel = 3, .stride = 2, .padding = 1});
  return norm_relu(out, norm);
}

Stack& Stack::twice(int64_t in, int64_t out, const nn::NormOptions& norm) {
  add<nn::ConvTranspose2d>(
      nn::ConvOptions{.in = in, .out = out, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1});
  return norm_relu(out, norm);
}

Stack& Stack::blocks(int64_t count, int64_t channels, const nn::NormOptions& norm) {
  for (int64_t i = 0; i < count; ++i) add<ResnetBlock>(channels, norm);
  return *this;
}

Stack& Stack::head(int64_t in, int64_t out, Activation activation) {
  then(padded_by_3).add<nn::Conv2d>(nn::ConvOptions{.in = in, .out = out, .kernel = 7});
  if (activation == Activation::Tanh) then([](const at::Tensor& x) { return at::tanh(x); });
  if (activation == Activation::Sigmoid) then([](const at::Tensor& x) { return at::sigmoid(x); });
  return *this;
}

}  // namespace weft::vid2vid
