#include "plugins/monkeynet/discriminator_network.h"

#include "framework/base/text.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>

#include <cmath>

namespace weft::monkeynet {
namespace {

constexpr int64_t kKernel = 4;
constexpr double kSlope = 0.2;

const nn::NormOptions kInstanceNorm{
    .kind = nn::NormOptions::Kind::Instance, .affine = true, .running = false, .weight_init = nn::Init::ones()};

}  // namespace

DiscriminatorNetwork::Block::Block(nn::Module& parent, std::string name, int64_t in, int64_t out, bool has_norm)
    : Module(parent, std::move(name)),
      conv(*this, "conv", {.in = in, .out = out, .kernel = {1, kKernel, kKernel}, .weight_init = nn::Init::fan_in()}) {
  if (has_norm) norm.emplace(*this, "norm", out, kInstanceNorm);
}

at::Tensor DiscriminatorNetwork::Block::operator()(const at::Tensor& x) const {
  const at::Tensor y = norm ? (*norm)(conv(x)) : conv(x);  // [B, out, D, H - 3, W - 3]
  return halved(at::leaky_relu(y, kSlope));                // [B, out, D, (H - 3) / 2, (W - 3) / 2]
}

DiscriminatorNetwork::DiscriminatorNetwork(nn::Module& parent, std::string name, const DiscriminatorOptions& options)
    : Module(parent, std::move(name)), options_(options) {
  const HourglassOptions& layers = options.layers;
  for (int64_t i = 0; i < layers.blocks; ++i) {
    const int64_t in = i == 0 ? layers.in + options.embedding.channels() : layers.channels(i);
    blocks_.push_back(std::make_unique<Block>(*this, text("down_blocks.", i), in, layers.channels(i + 1), i > 0));
  }
  conv_.emplace(*this, "conv", of_frames(layers.channels(layers.blocks), 1, 1));
}

std::vector<at::Tensor> DiscriminatorNetwork::operator()(const at::Tensor& frames, const Keypoints& source,
                                                         const Keypoints& driving, at::ScalarType type) const {
  std::vector<at::Tensor> maps{frames};
  const at::Tensor seen = scaled(frames, options_.scale);
  const at::Tensor embedding = embedded(seen, source, driving, options_.embedding);
  at::Tensor x = nn::enter(embedding.defined() ? at::cat({seen, embedding}, 1) : seen, type);
  for (const auto& block : blocks_) maps.push_back(x = (*block)(x));
  maps.push_back((*conv_)(x));
  return maps;
}

int64_t DiscriminatorNetwork::pixels_left(int64_t side, const DiscriminatorOptions& options) {
  auto pixels = static_cast<int64_t>(std::floor(static_cast<double>(side) * options.scale));
  for (int64_t i = 0; i < options.layers.blocks && pixels > 0; ++i) pixels = (pixels - (kKernel - 1)) / 2;
  return pixels;
}

}  // namespace weft::monkeynet
