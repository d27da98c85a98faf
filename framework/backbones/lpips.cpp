#include "framework/backbones/lpips.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "framework/weights/shape_text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/upsample_bilinear2d.h>

namespace weft::backbones {
namespace {

constexpr double kTiny = 1e-10;

std::unique_ptr<FiveTaps> make_backbone(nn::Module& parent, Lpips::Net net, FiveTaps::Keys keys) {
  if (net == Lpips::Net::Alex) return std::make_unique<AlexNet>(parent, "", keys);
  return std::make_unique<Vgg16>(parent, "", keys);
}

at::Tensor by_channel(std::array<double, 3> values, const at::Tensor& like) {
  return at::tensor(at::ArrayRef<double>(values.data(), values.size()), like.options()).view({1, 3, 1, 1});
}

/// ImageNet's mean and deviation, for images in [-1, 1].
at::Tensor scaled(const at::Tensor& image) {
  return (image - by_channel({-0.030, -0.088, -0.188}, image)) / by_channel({0.458, 0.448, 0.450}, image);
}

at::Tensor normalised(const at::Tensor& map) {
  return map / (map.square().sum(1, /*keepdim=*/true).sqrt() + kTiny);
}

}  // namespace

Lpips::Lpips(nn::Module& parent, std::string name, Net net, FiveTaps::Keys keys, Linear linear)
    : nn::Module(parent, std::move(name)), net_(net), backbone_(make_backbone(*this, net, keys)) {
  if (linear == Linear::Given) return;
  const std::array<int64_t, 5> channels = backbone_->channels();
  for (size_t i = 0; i < channels.size(); ++i) {
    const std::vector<int64_t> shape{1, channels[i], 1, 1};
    // Uniform weights of 1: an untrained LPIPS is a plain distance of features.
    registered_[i].emplace(*this, text("lin", i, ".model.1.weight"), shape, nn::Init::ones());
  }
}

void Lpips::give_linear(const std::array<at::Tensor, 5>& weights) {
  const std::array<int64_t, 5> channels = backbone_->channels();
  for (size_t i = 0; i < weights.size(); ++i) {
    const std::vector<int64_t> shape{1, channels[i], 1, 1};
    if (weights[i].sizes() != at::IntArrayRef(shape)) {
      throw Error(Exit::Data, text("lin", i, ".model.1.weight is ", weights::shape_text(weights[i]),
                                   ", but this network wants ", weights::shape_text(shape)))
          .hint("take the linear weights of the same network: alex or vgg");
    }
    given_[i] = weights[i];
  }
}

at::Tensor Lpips::linear(size_t layer) const {
  return registered_[layer] ? **registered_[layer] : given_[layer];
}

std::array<at::Tensor, 5> Lpips::features(const at::Tensor& image) const {
  return (*backbone_)(scaled(image));
}

std::array<at::Tensor, 5> Lpips::layers(const at::Tensor& a, const at::Tensor& b) const {
  const std::array<at::Tensor, 5> of_a = features(a), of_b = features(b);
  std::array<at::Tensor, 5> distances;
  for (size_t i = 0; i < distances.size(); ++i) {
    const at::Tensor difference = (normalised(of_a[i]) - normalised(of_b[i])).square();  // [B, C, h, w]
    distances[i] = (difference * linear(i).to(difference.options())).sum(1, /*keepdim=*/true);
  }
  return distances;
}

at::Tensor Lpips::operator()(const at::Tensor& a, const at::Tensor& b) const {
  at::Tensor sum;
  for (const at::Tensor& layer : layers(a, b)) {
    const at::Tensor mean = layer.mean({1, 2, 3});  // [B]
    sum = sum.defined() ? sum + mean : mean;
  }
  return sum;
}

at::Tensor Lpips::spatial(const at::Tensor& a, const at::Tensor& b) const {
  at::Tensor sum;
  for (const at::Tensor& layer : layers(a, b)) {
    const at::Tensor map = at::upsample_bilinear2d(layer, {a.size(2), a.size(3)}, /*align_corners=*/false);
    sum = sum.defined() ? sum + map : map;
  }
  return sum;
}

}  // namespace weft::backbones
