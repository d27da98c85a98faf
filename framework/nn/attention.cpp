#include "framework/nn/attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>

#include <cassert>
#include <cmath>

namespace weft::nn {

at::Tensor attention_weights(const at::Tensor& query, const at::Tensor& key, std::optional<double> scale) {
  const double factor = scale.value_or(1 / std::sqrt(static_cast<double>(query.size(-1))));
  return at::softmax(at::matmul(query * factor, key.transpose(-2, -1)), -1);
}

MultiheadAttention::MultiheadAttention(Module& parent, std::string name, AttentionOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      weight_(*this, "in_proj_weight", {3 * options.channels, options.channels}, Init::xavier_uniform()),
      bias_(options.bias ? std::optional<Parameter>(std::in_place, *this, "in_proj_bias",
                                                    std::vector<int64_t>{3 * options.channels}, Init::zeros())
                         : std::nullopt),
      out_(*this, "out_proj",
           {.in = options.channels, .out = options.channels, .bias = options.bias, .bias_init = Init::zeros()}) {
  assert(options.channels % options.heads == 0);
}

at::Tensor MultiheadAttention::projected(const at::Tensor& x, int64_t index) const {
  const int64_t channels = options_.channels, first = index * channels;
  const auto bias = bias_ ? std::optional<at::Tensor>((*bias_)->narrow(0, first, channels)) : std::nullopt;
  return at::linear(x, weight_->narrow(0, first, channels), bias)
      .unflatten(-1, {options_.heads, channels / options_.heads})
      .transpose(1, 2);
}

at::Tensor MultiheadAttention::operator()(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                                          const std::optional<at::Tensor>& mask) const {
  const at::Tensor gathered =
      at::scaled_dot_product_attention(projected(query, 0), projected(key, 1), projected(value, 2), mask);
  return out_(gathered.transpose(1, 2).flatten(-2));  // [B, heads, L, C / heads] -> [B, L, C]
}

}  // namespace weft::nn
