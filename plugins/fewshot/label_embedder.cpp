#include "plugins/fewshot/label_embedder.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/leaky_relu.h>

namespace weft::fewshot {

using Form = EmbedderOptions::Form;

LabelEmbedder::LabelEmbedder(nn::Module& parent, std::string name, const EmbedderOptions& options)
    : Module(parent, std::move(name)), options_(options) {
  const Pyramid& pyramid = options.pyramid;
  const auto conv = [&](const std::string& key, int64_t in, int64_t out, int64_t stride) {
    return std::make_unique<nn::Conv2d>(*this, key, conv_options(in, out, 3, false, stride, options.gain));
  };
  first_ = conv("conv_first.0", options.in, pyramid.channels(0), 1);
  for (int64_t level = 0; level < pyramid.down; ++level)
    down_.push_back(conv(text("down_", level, ".0"), pyramid.channels(level), pyramid.channels(level + 1), 2));
  if (options.form == Form::Encoder) return;
  up_.resize(down_.size());
  for (int64_t level = pyramid.down - 1; level >= options.generated; --level) {
    const bool sees_encoder = options.form == Form::Unet && level != pyramid.down - 1;
    const int64_t in = pyramid.channels(level + 1) * (sees_encoder ? 2 : 1);
    up_[static_cast<size_t>(level)] = conv(text("up_", level, ".1"), in, pyramid.channels(level), 1);
  }
}

std::vector<at::Tensor> LabelEmbedder::operator()(const at::Tensor& x, std::span<const SampleKernels> generated) const {
  std::vector<at::Tensor> encoded = {at::leaky_relu((*first_)(x), kSlope)};
  for (const auto& down : down_) encoded.push_back(at::leaky_relu((*down)(encoded.back()), kSlope));
  if (options_.form == Form::Encoder) return encoded;
  std::vector<at::Tensor> decoded(encoded.size());
  decoded.back() = encoded.back();
  for (size_t level = up_.size(); level-- > 0;) {
    at::Tensor y = decoded[level + 1];
    if (options_.form == Form::Unet && level + 1 != up_.size()) y = at::cat({y, encoded[level + 1]}, 1);
    y = twice(y);  // [B, *, H / 2^level, W / 2^level]
    decoded[level] = at::leaky_relu(up_[level] ? (*up_[level])(y) : convolve_samples(y, generated[level]), kSlope);
  }
  return decoded;
}

}  // namespace weft::fewshot
