#pragma once

#include "framework/nn/linear.h"

namespace weft::nn {

/// Attention weights of each query over all keys: softmax(scale Q K').
///
/// @param query  [..., L, E]
/// @param key    [..., S, E]
/// @param scale  if absent: 1 / sqrt(E); few-shot vid2vid has 1
/// @returns [..., L, S], whose rows add up to 1; at::scaled_dot_product_attention gives the weighted values alone, in less
///   memory
at::Tensor attention_weights(const at::Tensor& query, const at::Tensor& key, std::optional<double> scale = {});

struct AttentionOptions {
  int64_t channels = 0;
  int64_t heads = 1;  ///< divides `channels`
  bool bias = true;
};

/// Scaled dot-product attention in several heads, each with a share of the channels.
///
/// Keys in_proj_weight [3 C, C] (queries, keys and values in this order), in_proj_bias [3 C], out_proj.weight [C, C],
/// out_proj.bias [C], as PyTorch's MultiheadAttention has them, and initialised as there: Xavier uniform, biases 0.
/// Source: Vaswani et al. 2017, "Attention Is All You Need".
class MultiheadAttention : public Module {
 public:
  MultiheadAttention(Module& parent, std::string name, AttentionOptions options);

  /// @param query  [B, L, C]
  /// @param key, value  [B, S, C]
  /// @param mask   numbers added to the weights before the softmax, or booleans that are true where a query may look;
  ///   [L, S] or [B, heads, L, S]
  /// @returns [B, L, C]
  at::Tensor operator()(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                        const std::optional<at::Tensor>& mask = {}) const;
  /// Of a sequence with itself.
  at::Tensor operator()(const at::Tensor& x) const { return (*this)(x, x, x); }

 private:
  /// [B, N, C] -> [B, heads, N, C / heads], by the part `index` of the input projection.
  at::Tensor projected(const at::Tensor& x, int64_t index) const;

  AttentionOptions options_;
  Parameter weight_;
  std::optional<Parameter> bias_;
  Linear out_;
};

}  // namespace weft::nn
