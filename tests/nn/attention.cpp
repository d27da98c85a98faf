#include "framework/nn/attention.h"

#include "framework/testing/values.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/_native_multi_head_attention.h>
#include <ATen/ops/_scaled_dot_product_attention_math.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <c10/core/GradMode.h>

#include <limits>

namespace weft {
namespace {

using nn::AttentionOptions;
using ::testing::ElementsAre;

using Attention = Trial<nn::MultiheadAttention>;

/// The formula, head by head. `mask` is added.
at::Tensor by_hand(Attention& attention, const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                   int64_t heads, const at::Tensor& mask) {
  const std::vector<at::Tensor> weights = attention["in_proj_weight"].chunk(3),
                                biases = attention["in_proj_bias"].chunk(3);
  const std::vector<at::Tensor> q = at::linear(query, weights[0], biases[0]).chunk(heads, -1),
                                k = at::linear(key, weights[1], biases[1]).chunk(heads, -1),
                                v = at::linear(value, weights[2], biases[2]).chunk(heads, -1);
  std::vector<at::Tensor> gathered;
  for (size_t head = 0; head < q.size(); ++head) {
    at::Tensor energy = at::matmul(q[head], k[head].transpose(1, 2)) / std::sqrt(static_cast<double>(q[head].size(-1)));
    if (mask.defined()) energy = energy + mask;
    gathered.push_back(at::matmul(at::softmax(energy, -1), v[head]));
  }
  return at::linear(at::cat(gathered, -1), attention["out_proj.weight"], attention["out_proj.bias"]);
}

TEST(MultiheadAttention, KeysAreThoseOfPyTorch) {
  EXPECT_THAT(
      Attention(AttentionOptions{.channels = 6, .heads = 3}).keys(),
      ElementsAre("in_proj_weight [18, 6]", "in_proj_bias [18]", "out_proj.weight [6, 6]", "out_proj.bias [6]"));
  EXPECT_THAT(Attention(AttentionOptions{.channels = 6, .heads = 3, .bias = false}).keys(),
              ElementsAre("in_proj_weight [18, 6]", "out_proj.weight [6, 6]"));
}

TEST(MultiheadAttention, IsTheFormulaInEachHead) {
  Attention attention(AttentionOptions{.channels = 6, .heads = 3});
  const at::Tensor query = attention.draw({2, 4, 6}), key = attention.draw({2, 5, 6}),
                   value = attention.draw({2, 5, 6});
  expect_near((*attention)(query, key, value), by_hand(attention, query, key, value, 3, {}));
  std::vector<at::Tensor> learning = attention.learnt();
  learning.insert(learning.end(), {query, key, value});
  expect_gradients(learning, [&] { return (*attention)(query, key, value); });
}

TEST(MultiheadAttention, AMaskIsAddedOrLeavesOut) {
  Attention attention(AttentionOptions{.channels = 6, .heads = 2});
  const at::Tensor x = attention.draw({2, 4, 6}), mask = attention.draw({4, 4}), may_look = mask < 1;
  expect_near((*attention)(x, x, x, mask), by_hand(attention, x, x, x, 2, mask));
  const at::Tensor hidden = at::where(may_look, 0.0, -std::numeric_limits<double>::infinity());
  expect_near((*attention)(x, x, x, may_look), by_hand(attention, x, x, x, 2, hidden));
}

TEST(MultiheadAttention, OfASequenceWithItselfComputesWhatLibTorchDoes) {
  Attention attention(AttentionOptions{.channels = 8, .heads = 2});
  const c10::NoGradGuard no_gradients;  // LibTorch's operator has none
  const at::Tensor x = attention.draw({2, 4, 8});
  const at::Tensor expected = std::get<0>(at::_native_multi_head_attention(
      x, x, x, 8, 2, attention["in_proj_weight"], attention["in_proj_bias"], attention["out_proj.weight"],
      attention["out_proj.bias"], std::nullopt, /*need_weights=*/false));
  expect_near((*attention)(x), expected);
}

TEST(AttentionWeights, GatherWhatLibTorchDoes) {
  Draws draw;
  const at::Tensor query = draw({2, 4, 6}), key = draw({2, 5, 6}), value = draw({2, 5, 3});
  for (const std::optional<double> scale : {std::optional<double>(), std::optional<double>(1)}) {
    const auto [gathered, weights] =
        at::_scaled_dot_product_attention_math(query, key, value, std::nullopt, 0, false, std::nullopt, scale);
    expect_near(nn::attention_weights(query, key, scale), weights);
    expect_near(at::matmul(nn::attention_weights(query, key, scale), value), gathered);
  }
}

TEST(AttentionWeights, OfTwoKeysByHand) {
  const at::Tensor query = at::tensor({2.0, 0.0}).view({1, 2}),
                   key = at::tensor({std::log(3.0) / 2, 5.0, 0.0, -1.0}).view({2, 2});
  EXPECT_THAT(testing::values<double>(nn::attention_weights(query.to(at::kDouble), key.to(at::kDouble), 1)),
              ElementsAre(::testing::DoubleNear(0.75, 1e-7), ::testing::DoubleNear(0.25, 1e-7)));  // log 3 in float
}

}  // namespace
}  // namespace weft
