#include "framework/nn/resnet_stack.h"

#include "framework/nn/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/tanh.h>

#include <algorithm>

namespace weft::nn {
namespace {

constexpr ConvOptions conv3(int64_t channels) {
  return {.in = channels, .out = channels, .kernel = 3};
}

constexpr int64_t kBorder = 3;  // of conv 7

at::Tensor padded(const at::Tensor& x) {
  return reflection_pad(x, kBorder);
}

}  // namespace

ResnetBlock::ResnetBlock(Module& parent, std::string name, int64_t channels, const NormOptions& norm)
    : Module(parent, std::move(name)),
      conv1_(*this, "conv_block.1", conv3(channels)),
      conv2_(*this, "conv_block.5", conv3(channels)),
      norm1_(*this, "conv_block.2", channels, norm),
      norm2_(*this, "conv_block.6", channels, norm) {}

at::Tensor ResnetBlock::operator()(const at::Tensor& x) const {
  // What a norm gives is nobody else's, and its gradient does not need it: it can be changed in place.
  const at::Tensor inner = norm1_(conv1_(reflection_pad(x, 1))).relu_();
  return norm2_(conv2_(reflection_pad(inner, 1))).add_(x);
}

ResnetStack& ResnetStack::norm_relu(int64_t channels, const NormOptions& norm) {
  add<Norm2d>(channels, norm).then([](const at::Tensor& x) { return x.relu_(); });
  return *this;
}

ResnetStack& ResnetStack::conv7(int64_t in, int64_t out, const NormOptions& norm) {
  then(padded).add<Conv2d>(ConvOptions{.in = in, .out = out, .kernel = 7});
  if (size() == 2) entry_ = static_cast<const Conv2d*>(&last_layer());
  return norm_relu(out, norm);
}

at::Tensor ResnetStack::part(const MapOrIds& x, size_t first, size_t end) const {
  if (!x.is_one_hot() || !entry_ || first > 0 || end < 2) return part(x.map(), first, end);
  return part(entry_->reflected(x, kBorder), 2, end);
}

ResnetStack& ResnetStack::half(int64_t in, int64_t out, const NormOptions& norm) {
  add<Conv2d>(ConvOptions{.in = in, .out = out, .kernel = 3, .stride = 2, .padding = 1});
  return norm_relu(out, norm);
}

ResnetStack& ResnetStack::twice(int64_t in, int64_t out, const NormOptions& norm) {
  add<ConvTranspose2d>(ConvOptions{.in = in, .out = out, .kernel = 3, .stride = 2, .padding = 1, .output_padding = 1});
  return norm_relu(out, norm);
}

ResnetStack& ResnetStack::blocks(int64_t count, int64_t channels, const NormOptions& norm) {
  for (int64_t i = 0; i < count; ++i) add<ResnetBlock>(channels, norm);
  return *this;
}

ResnetStack& ResnetStack::head(int64_t in, int64_t out, Activation activation) {
  then(padded).add<Conv2d>(ConvOptions{.in = in, .out = out, .kernel = 7});
  if (activation == Activation::Tanh) then([](const at::Tensor& x) { return at::tanh(x); });
  if (activation == Activation::Sigmoid) then([](const at::Tensor& x) { return at::sigmoid(x); });
  return *this;
}

int64_t ResnetStack::Body::channels(int64_t halvings) const {
  return std::min(most_channels, features << halvings);
}

ResnetStack& ResnetStack::body(const Body& body) {
  conv7(body.in, body.features, body.norm);
  for (int64_t i = 0; i < body.down; ++i) half(body.channels(i), body.channels(i + 1), body.norm);
  blocks(body.blocks, body.channels(body.down), body.norm);
  for (int64_t i = body.down; i > 0; --i) twice(body.channels(i), body.channels(i - 1), body.norm);
  return *this;
}

}  // namespace weft::nn
