#include "plugins/prediction/mcnet_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/tanh.h>

#include <vector>

namespace weft::prediction {
namespace {

at::Tensor relu(const at::Tensor& x) {
  return x.relu();
}

at::Tensor pooled(const at::Tensor& x) {
  return nn::max_pool(x, {.kernel = 2});
}

nn::ConvOptions conv(int64_t in, int64_t out, int64_t kernel = 3) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .padding = kernel / 2,
          .weight_init = nn::Init::xavier_uniform(),
          .bias_init = nn::Init::zeros()};
}

/// Convolutions with a ReLU after each; `channels` are those between them, the input's first.
void add_convolutions(nn::Sequence& layers, const std::vector<int64_t>& channels, int64_t kernel = 3) {
  for (size_t i = 0; i + 1 < channels.size(); ++i)
    layers.add<nn::Conv2d>(conv(channels[i], channels[i + 1], kernel)).then(relu);
}

/// Transposed convolutions of stride 1; a ReLU between them, and after the last where it is not the image.
void add_deconvolutions(nn::Sequence& layers, const std::vector<int64_t>& channels) {
  for (size_t i = 0; i + 1 < channels.size(); ++i) {
    if (i > 0) layers.then(relu);
    layers.add<nn::ConvTranspose2d>(conv(channels[i], channels[i + 1]));
  }
}

}  // namespace

McNetNetwork::McNetNetwork(nn::Module& parent, std::string name, const McNetOptions& options)
    : Module(parent, std::move(name)),
      options_(options),
      motion_{nn::Sequence(*this, "motion_enc.dyn_conv1"), nn::Sequence(*this, "motion_enc.dyn_conv2"),
              nn::Sequence(*this, "motion_enc.dyn_conv3")},
      lstm_(*this, "convLstm_cell",
            {.in = 4 * options.features,
             .hidden = 4 * options.features,
             .order = nn::GateOrder::InputCandidateForgetOutput,
             .forget_bias = 1,
             .weight_init = nn::Init::xavier_uniform(),
             .bias_init = nn::Init::zeros()}),
      content_{nn::Sequence(*this, "content_enc.cont_conv1"), nn::Sequence(*this, "content_enc.cont_conv2"),
               nn::Sequence(*this, "content_enc.cont_conv3")},
      combine_(*this, "comb_layers.h_comb"),
      residuals_{nn::Sequence(*this, "residual3.res"), nn::Sequence(*this, "residual2.res"),
                 nn::Sequence(*this, "residual1.res")},
      decoders_{nn::Sequence(*this, "dec_cnn.dec3"), nn::Sequence(*this, "dec_cnn.dec2"),
                nn::Sequence(*this, "dec_cnn.dec1")} {
  const int64_t c = options.channels, f = options.features;
  add_convolutions(motion_[0], {1, f}, 5);
  add_convolutions(motion_[1].then(pooled), {f, 2 * f}, 5);
  add_convolutions(motion_[2].then(pooled), {2 * f, 4 * f}, 7);
  add_convolutions(content_[0], {c, f, f});
  add_convolutions(content_[1].then(pooled), {f, 2 * f, 2 * f});
  add_convolutions(content_[2].then(pooled), {2 * f, 4 * f, 4 * f, 4 * f});
  add_convolutions(combine_, {8 * f, 4 * f, 2 * f, 4 * f});
  for (size_t i = 0; i < 3; ++i) {
    const int64_t of_level = (4 * f) >> i;
    residuals_[i].add<nn::Conv2d>(conv(2 * of_level, of_level)).then(relu).add<nn::Conv2d>(conv(of_level, of_level));
  }
  add_deconvolutions(decoders_[0], {4 * f, 4 * f, 4 * f, 2 * f});
  add_deconvolutions(decoders_[1], {2 * f, 2 * f, f});
  add_deconvolutions(decoders_[2], {f, f, c});
}

McNetNetwork::Encoded McNetNetwork::encoded(const at::Tensor& map, const std::array<nn::Sequence, 3>& encoder) {
  Encoded maps;
  at::Tensor x = map;
  for (size_t level = 0; level < 3; ++level) maps.levels[level] = x = encoder[level](x);
  maps.pooled = pooled(x);
  return maps;
}

at::Tensor McNetNetwork::decode(const at::Tensor& hidden, const Encoded& motion, const Encoded& content) const {
  at::Tensor x = combine_(at::cat({hidden, content.pooled}, 1));  // [B, 4F, H/8, W/8]
  for (size_t i = 0; i < 3; ++i) {
    const size_t level = 2 - i;
    const at::Tensor kept = residuals_[i](at::cat({motion.levels[level], content.levels[level]}, 1));
    x = unpooled(x) + kept;
    if (options_.decoder == McNetDecoder::TensorFlow) x = x.relu();
    x = decoders_[i](x);
    if (i < 2) x = x.relu();
  }
  return at::tanh(x);
}

at::Tensor unpooled(const at::Tensor& x) {
  const int64_t height = x.size(2), width = x.size(3);
  const at::Tensor cells = x.reshape({x.size(0), x.size(1), height, 1, width, 1});
  return at::constant_pad_nd(cells, {0, 1, 0, 0, 0, 1}).reshape({x.size(0), x.size(1), 2 * height, 2 * width});
}

at::Tensor grey(const at::Tensor& frame) {
  if (frame.size(1) == 1) return frame;
  return 0.2989 * frame.narrow(1, 0, 1) + 0.5870 * frame.narrow(1, 1, 1) + 0.1140 * frame.narrow(1, 2, 1);
}

}  // namespace weft::prediction
