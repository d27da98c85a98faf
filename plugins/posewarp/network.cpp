#include "plugins/posewarp/network.h"

#include "framework/base/text.h"
#include "plugins/posewarp/geometry.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>

#include <algorithm>

namespace weft::posewarp {
namespace {

constexpr double kSlope = 0.2;
constexpr int64_t kEncoderLayers = 2 * Unet::kHalvings + 1;
constexpr int64_t kPoseAt = 2;  // the layer of the encoder that sees the joints

}  // namespace

nn::ConvOptions keras_conv(int64_t in, int64_t out, int64_t kernel) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .padding = nn::Padding::same(),
          .weight_init = nn::Init::xavier_uniform(),
          .bias_init = nn::Init::zeros()};
}

Layer::Layer(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t kernel, int64_t stride)
    : Module(parent, std::move(name)), conv_(*this, "", [&] {
        nn::ConvOptions options = keras_conv(in, out, kernel);
        options.stride = stride;
        return options;
      }()) {}

at::Tensor Layer::operator()(const at::Tensor& x) const {
  return at::leaky_relu(conv_(x), kSlope);
}

Unet::Unet(nn::Module& parent, std::string name, const UnetOptions& options) : Module(parent, std::move(name)) {
  const int64_t wide = 2 * options.features;
  int64_t in = options.in;
  for (int64_t i = 0; i < kEncoderLayers; ++i) {
    const int64_t out = i < 2 ? options.features : wide;
    const int64_t joined = i == kPoseAt ? in + kJoints : in;
    encoder_.push_back(
        std::make_unique<Layer>(*this, text("enc.", i), joined, out, i == 0 ? 7 : 3, i % 2 == 1 ? 2 : 1));
    in = out;
  }
  for (int64_t i = 0; i < kHalvings; ++i) {
    const bool is_last = i + 1 == kHalvings;
    const int64_t skipped = is_last ? options.features : wide, out = is_last ? options.last : wide;
    decoder_.push_back(std::make_unique<Layer>(*this, text("dec.", i), in + skipped, out));
    in = out;
  }
}

at::Tensor Unet::operator()(const at::Tensor& x, const at::Tensor& pose) const {
  std::vector<at::Tensor> maps{x};
  for (size_t i = 0; i < encoder_.size(); ++i) {
    const at::Tensor& last = maps.back();
    maps.push_back((*encoder_[i])(i == kPoseAt ? at::cat({last, pose}, 1) : last));  // layer 9: [B, 128, H/32, W/32]
  }
  at::Tensor y = maps.back();
  for (size_t i = 0; i < decoder_.size(); ++i) {
    const at::Tensor& skipped = maps[encoder_.size() - 2 * (i + 1)];  // of layer 8, 6, 4, 2, 0
    y = (*decoder_[i])(at::cat({doubled(y), skipped}, 1));
  }
  return y;
}

at::Tensor moved_parts(const at::Tensor& image, const at::Tensor& masks, const at::Tensor& transforms) {
  const at::Tensor parts = (masks.unsqueeze(2) * image.unsqueeze(1)).flatten(1, 2);  // [B, 11 · 3, H, W]
  const at::Tensor limbs = transformed(parts.narrow(1, 3, 3 * kLimbs), transforms);
  return at::cat({parts.narrow(1, 0, 3), limbs}, 1);
}

DiscriminatorNetwork::DiscriminatorNetwork(nn::Module& parent, std::string name, int64_t features, int64_t height,
                                           int64_t width)
    : Module(parent, std::move(name)) {
  const int64_t wide = 4 * features;
  int64_t in = 3;
  for (int64_t i = 0; i <= kHalvings; ++i) {
    const int64_t out = std::min(features << i, wide);
    layers_.push_back(
        std::make_unique<Layer>(*this, text("conv.", i), i == 1 ? in + 2 * kJoints : in, out, i < 2 ? 5 : 3));
    in = out;
  }
  in = wide * (height >> kHalvings) * (width >> kHalvings);
  for (int64_t i = 0; i < 3; ++i) {
    const int64_t out = i < 2 ? wide : 1;
    dense_.push_back(std::make_unique<nn::Linear>(
        *this, text("dense.", i),
        nn::LinearOptions{
            .in = in, .out = out, .weight_init = nn::Init::xavier_uniform(), .bias_init = nn::Init::zeros()}));
    in = out;
  }
}

at::Tensor DiscriminatorNetwork::operator()(const at::Tensor& image, const at::Tensor& pose) const {
  at::Tensor x = image;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (i == 1) x = at::cat({x, pose}, 1);
    x = (*layers_[i])(x);
    if (i + 1 < layers_.size()) x = nn::max_pool(x, {});  // [B, C, H/2, W/2]
  }
  x = x.permute({0, 2, 3, 1}).reshape({x.size(0), -1});  // rows, columns, channels, as Keras flattens maps
  for (size_t i = 0; i < dense_.size(); ++i) {
    x = (*dense_[i])(x);
    if (i + 1 < dense_.size()) x = x.relu();
  }
  return x;
}

}  // namespace weft::posewarp
