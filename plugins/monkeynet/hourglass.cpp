#include "plugins/monkeynet/hourglass.h"

#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/upsample_nearest2d.h>

namespace weft::monkeynet {
namespace {

const nn::NormOptions kBatchNorm{.statistics = nn::NormOptions::Statistics::ByMode, .weight_init = nn::Init::ones()};

nn::ConvOptions in_groups(nn::ConvOptions options, int64_t groups) {
  options.groups = groups;
  return options;
}

at::Tensor doubled(const at::Tensor& x) {
  return at::upsample_nearest2d(x.flatten(1, 2), {2 * x.size(3), 2 * x.size(4)}).unflatten(1, {x.size(1), x.size(2)});
}

}  // namespace

at::Tensor halved(const at::Tensor& x) {
  // Frames beside the channels: LibTorch has no means of three axes in bfloat16 on a CPU.
  return at::avg_pool2d(x.flatten(1, 2), 2).unflatten(1, {x.size(1), x.size(2)});
}

nn::ConvOptions of_frames(int64_t in, int64_t out, int64_t kernel) {
  return {.in = in,
          .out = out,
          .kernel = {1, kernel, kernel},
          .padding = {0, kernel / 2, kernel / 2},
          .weight_init = nn::Init::fan_in()};
}

ConvNormRelu::ConvNormRelu(nn::Module& parent, std::string name, int64_t in, int64_t out, int64_t kernel,
                           int64_t groups)
    : Module(parent, std::move(name)),
      conv_(*this, "conv", in_groups(of_frames(in, out, kernel), groups)),
      norm_(*this, "norm", out, kBatchNorm) {}

at::Tensor ConvNormRelu::operator()(const at::Tensor& x) const {
  return norm_(conv_(x)).relu_();
}

ResidualBlock::ResidualBlock(nn::Module& parent, std::string name, int64_t channels)
    : Module(parent, std::move(name)),
      conv1_(*this, "conv1", of_frames(channels, channels, 3)),
      conv2_(*this, "conv2", of_frames(channels, channels, 3)),
      norm1_(*this, "norm1", channels, kBatchNorm),
      norm2_(*this, "norm2", channels, kBatchNorm) {}

at::Tensor ResidualBlock::operator()(const at::Tensor& x) const {
  return x + conv2_(norm2_(conv1_(norm1_(x).relu_())).relu_());
}

Encoder::Encoder(nn::Module& parent, std::string name, const HourglassOptions& options)
    : Module(parent, std::move(name)) {
  for (int64_t i = 0; i < options.blocks; ++i) {
    blocks_.push_back(std::make_unique<ConvNormRelu>(
        *this, text("down_blocks.", i), i == 0 ? options.in : options.channels(i), options.channels(i + 1)));
  }
}

std::vector<at::Tensor> Encoder::operator()(const at::Tensor& x) const {
  std::vector<at::Tensor> maps{x};
  for (const auto& block : blocks_) maps.push_back(halved((*block)(maps.back())));  // [B, C, D, H/2, W/2]
  return maps;
}

Decoder::Decoder(nn::Module& parent, std::string name, const HourglassOptions& options, const End& end)
    : Module(parent, std::move(name)) {
  for (int64_t halvings = options.blocks; halvings > 0; --halvings) {
    const int64_t joined = halvings == options.blocks ? 1 : 2;
    blocks_.push_back(std::make_unique<ConvNormRelu>(*this, text("up_blocks.", options.blocks - halvings),
                                                     joined * options.channels(halvings) + end.extra,
                                                     options.channels(halvings - 1)));
  }
  if (!end.out) return;
  nn::ConvOptions last = of_frames(options.channels(0) + options.in + end.extra, *end.out, 3);
  last.weight_init = end.weight_init;
  last.bias_init = end.bias_init;
  conv_.emplace(*this, "conv", last);
}

at::Tensor Decoder::operator()(std::vector<at::Tensor> maps) const {
  at::Tensor x = maps.back();
  for (const auto& block : blocks_) {
    maps.pop_back();
    x = at::cat({(*block)(doubled(x)), maps.back()}, 1);
  }
  return conv_ ? (*conv_)(x) : x;
}

Hourglass::Hourglass(nn::Module& parent, std::string name, const HourglassOptions& options, int64_t out,
                     nn::Init last_weight, std::optional<nn::Init> last_bias)
    : Module(parent, std::move(name)),
      encoder_(*this, "encoder", options),
      decoder_(*this, "decoder", options, {.out = out, .weight_init = last_weight, .bias_init = last_bias}) {}

}  // namespace weft::monkeynet
