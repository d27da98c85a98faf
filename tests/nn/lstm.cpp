#include "framework/nn/lstm.h"

#include "framework/testing/values.h"
#include "tests/nn/layer_trial.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/lstm_cell.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

namespace weft {
namespace {

using nn::ConvLstmOptions;
using nn::GateOrder;
using ::testing::ElementsAre;

TEST(LstmCell, ComputesWhatLibTorchDoes) {
  Trial<nn::LstmCell> cell(nn::LstmOptions{.in = 3, .hidden = 5});
  EXPECT_THAT(cell.keys(), ElementsAre("weight_ih [20, 3]", "weight_hh [20, 5]", "bias_ih [20]", "bias_hh [20]"));
  const at::Tensor x = cell.draw({2, 3}), hidden = cell.draw({2, 5}), memory = cell.draw({2, 5});
  const nn::LstmState after = (*cell)(x, {hidden, memory});
  const auto expected =
      at::lstm_cell(x, {hidden, memory}, cell["weight_ih"], cell["weight_hh"], cell["bias_ih"], cell["bias_hh"]);
  expect_near(after.hidden, std::get<0>(expected), 0);
  expect_near(after.cell, std::get<1>(expected), 0);
  std::vector<at::Tensor> learning = cell.learnt();
  learning.insert(learning.end(), {x, hidden, memory});
  expect_gradients(learning, [&] {
    const nn::LstmState state = (*cell)(x, {hidden, memory});
    return at::cat({state.hidden, state.cell}, 1);
  });
}

TEST(LstmCell, BeginsWithZerosAndDoesWithoutBias) {
  Trial<nn::LstmCell> cell(nn::LstmOptions{.in = 3, .hidden = 5, .bias = false});
  EXPECT_THAT(cell.keys(), ElementsAre("weight_ih [20, 3]", "weight_hh [20, 5]"));
  const at::Tensor x = cell.draw({2, 3}), zeros = at::zeros({2, 5}, at::kDouble);
  expect_near((*cell)(x, {}).hidden, (*cell)(x, {zeros, zeros}).hidden, 0);
}

TEST(LstmCell, StartsUniformInTheRootOfItsSize) {
  Trial<nn::LstmCell> cell(nn::LstmOptions{.in = 100, .hidden = 25});
  cell.root().initialise(at::make_generator<at::CPUGeneratorImpl>(1));
  for (const at::Tensor& tensor : cell.learnt()) {
    EXPECT_LE(tensor.abs().max().item<double>(), 0.2);
    EXPECT_GE(tensor.abs().max().item<double>(), 0.18);
  }
}

/// On maps of one pixel a convolutional cell is a cell of vectors, whose gates LibTorch wants in the order i, f, g, o.
TEST(ConvLstmCell, OnOnePixelIsACellOfVectors) {
  struct Order {
    GateOrder order;
    std::vector<int64_t> place_of;  // of i, f, g, o among the outputs of the convolution
  };
  for (const auto& [order, place_of] : {Order{GateOrder::InputForgetCandidateOutput, {0, 1, 2, 3}},
                                        Order{GateOrder::InputCandidateForgetOutput, {0, 2, 1, 3}},
                                        Order{GateOrder::InputForgetOutputCandidate, {0, 1, 3, 2}}}) {
    Trial<nn::ConvLstmCell> cell(ConvLstmOptions{.in = 3, .hidden = 5, .kernel = 1, .order = order, .forget_bias = 1});
    EXPECT_THAT(cell.keys(), ElementsAre("conv.weight [20, 8, 1, 1]", "conv.bias [20]"));
    std::vector<at::Tensor> weights, biases;
    for (const int64_t place : place_of) {
      weights.push_back(cell["conv.weight"].narrow(0, 5 * place, 5).flatten(1));
      biases.push_back(cell["conv.bias"].narrow(0, 5 * place, 5));
    }
    biases[1] = biases[1] + 1;                   // the forget bias
    const at::Tensor weight = at::cat(weights);  // [20, 8]
    const at::Tensor x = cell.draw({2, 3}), hidden = cell.draw({2, 5}), memory = cell.draw({2, 5});
    const auto map = [](const at::Tensor& vector) { return vector.view({2, -1, 1, 1}); };
    const nn::LstmState after = (*cell)(map(x), {map(hidden), map(memory)});
    const auto expected =
        at::lstm_cell(x, {hidden, memory}, weight.narrow(1, 0, 3), weight.narrow(1, 3, 5), at::cat(biases));
    expect_near(after.hidden, map(std::get<0>(expected)));
    expect_near(after.cell, map(std::get<1>(expected)));
  }
}

TEST(ConvLstmCell, KeepsTheSizeAndBeginsWithZeros) {
  Trial<nn::ConvLstmCell> cell(ConvLstmOptions{.in = 2, .hidden = 3, .kernel = {1, 5}});
  const at::Tensor x = cell.draw({2, 2, 4, 6}), zeros = at::zeros({2, 3, 4, 6}, at::kDouble);
  expect_near((*cell)(x, {}).hidden, (*cell)(x, {zeros, zeros}).hidden, 0);
  expect_gradients({x, cell["conv.weight"], cell["conv.bias"]}, [&] {
    const nn::LstmState after = (*cell)(x, (*cell)(x, {}));
    return after.hidden;
  });
}

TEST(LstmStep, HardSigmoidHasTheSlopeOfKeras) {
  const auto number = [](double x) { return at::tensor(x, at::kDouble); };
  // tanh(100) rounds to 1; gates of 1, -5 and 5 are 0.7, 0 and 1.
  const nn::LstmGates gates{number(1), number(-5), number(100), number(5)};
  const nn::LstmState after = nn::lstm_step(gates, number(2), nn::GateActivation::HardSigmoid);
  EXPECT_DOUBLE_EQ(after.cell.item<double>(), 0.7);
  EXPECT_DOUBLE_EQ(after.hidden.item<double>(), std::tanh(0.7));
}

}  // namespace
}  // namespace weft
