#include "framework/backbones/resnext3d.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/relu.h>

#include <optional>

namespace weft::backbones {
namespace {

constexpr int64_t kStem = 64, kExpansion = 2;
constexpr std::array<int64_t, 4> kPlanes = {128, 256, 512, 1024};

nn::ConvOptions without_bias(int64_t in, int64_t out, int64_t kernel) {
  return {
      .in = in, .out = out, .kernel = kernel, .padding = kernel / 2, .bias = false, .weight_init = nn::Init::fan_in()};
}

nn::NormOptions fixed_norm() {
  return {.statistics = nn::NormOptions::Statistics::Running, .weight_init = nn::Init::ones()};
}

}  // namespace

/// Narrow, in groups, wide; plus the shortcut.
struct ResNext3d::Block : nn::Module {
  Block(nn::Module& parent, std::string name, int64_t in, int64_t planes, int64_t stride, int64_t cardinality)
      : nn::Module(parent, std::move(name)), middle(cardinality * (planes / 32)), out(planes * kExpansion) {
    nn::ConvOptions grouped = without_bias(middle, middle, 3);
    grouped.stride = stride;
    grouped.groups = cardinality;
    conv1.emplace(*this, "conv1", without_bias(in, middle, 1));
    bn1.emplace(*this, "bn1", middle, fixed_norm());
    conv2.emplace(*this, "conv2", grouped);
    bn2.emplace(*this, "bn2", middle, fixed_norm());
    conv3.emplace(*this, "conv3", without_bias(middle, out, 1));
    bn3.emplace(*this, "bn3", out, fixed_norm());
    if (stride == 1 && in == out) return;
    nn::ConvOptions shortcut = without_bias(in, out, 1);
    shortcut.stride = stride;
    folder.emplace(*this, "downsample");
    shortcut_conv.emplace(*folder, "0", shortcut);
    shortcut_norm.emplace(*folder, "1", out, fixed_norm());
  }

  at::Tensor operator()(const at::Tensor& x) const {
    at::Tensor y = (*bn1)((*conv1)(x)).relu_();
    y = (*bn2)((*conv2)(y)).relu_();
    y = (*bn3)((*conv3)(y));
    return y.add_(shortcut_conv ? (*shortcut_norm)((*shortcut_conv)(x)) : x).relu_();
  }

  int64_t middle, out;
  std::optional<nn::Conv3d> conv1, conv2, conv3, shortcut_conv;
  std::optional<nn::Norm3d> bn1, bn2, bn3, shortcut_norm;
  std::optional<nn::Module> folder;
};

ResNext3d::ResNext3d(nn::Module& parent, std::string name, const ResNext3dOptions& options)
    : nn::Module(parent, std::move(name)) {
  nn::ConvOptions stem = without_bias(3, kStem, 7);
  stem.stride = {1, 2, 2};
  conv1_ = std::make_unique<nn::Conv3d>(*this, "conv1", stem);
  bn1_ = std::make_unique<nn::Norm3d>(*this, "bn1", kStem, fixed_norm());
  int64_t in = kStem;
  for (size_t layer = 0; layer < kPlanes.size(); ++layer) {
    folders_.push_back(std::make_unique<nn::Module>(*this, text("layer", layer + 1)));
    auto& blocks = layers_.emplace_back();
    for (int64_t i = 0; i < options.blocks[layer]; ++i) {
      const int64_t stride = i == 0 && layer > 0 ? 2 : 1;
      blocks.push_back(
          std::make_unique<Block>(*folders_.back(), text(i), in, kPlanes[layer], stride, options.cardinality));
      in = blocks.back()->out;
    }
  }
  fc_ = std::make_unique<nn::Linear>(*this, "fc", nn::LinearOptions{.in = in, .out = options.classes});
}

ResNext3d::~ResNext3d() = default;

at::Tensor ResNext3d::maps(const at::Tensor& clip, const Tap& tap) const {
  at::Tensor x = (*bn1_)((*conv1_)(clip)).relu_();                // [B, 64, T, H/2, W/2]
  x = nn::max_pool(x, {.kernel = 3, .stride = 2, .padding = 1});  // [B, 64, T/2, H/4, W/4]
  if (tap) tap("stem", x);
  for (size_t layer = 0; layer < layers_.size(); ++layer) {
    for (const auto& block : layers_[layer]) x = (*block)(x);
    if (tap) tap(text("layer", layer + 1), x);
  }
  return x;
}

at::Tensor ResNext3d::features(const at::Tensor& maps) {
  return maps.mean({2, 3, 4});
}

at::Tensor ResNext3d::logits(const at::Tensor& features) const {
  return (*fc_)(features);
}

}  // namespace weft::backbones
