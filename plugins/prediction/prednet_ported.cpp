#include "framework/base/text.h"
#include "plugins/prediction/prednet_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/conv2d.h>

namespace weft::prediction {
namespace {

constexpr double kBrightest = 255;

nn::ConvOptions same(int64_t in, int64_t out, int64_t kernel) {
  return {.in = in, .out = out, .kernel = kernel, .padding = kernel / 2, .weight_init = nn::Init::fan_in()};
}

at::Tensor convolved(const at::Tensor& x, const nn::Parameter& weight, const nn::Parameter& bias) {
  return at::conv2d(x, *weight, *bias, 1, weight->size(3) / 2);
}

/// An LSTM whose gates read the cell state through a convolution too, the candidate excepted. Gates are stacked in the order
/// input, forget, candidate, output; all three read the cell state before the step.
class Cell : public nn::Module {
 public:
  Cell(nn::Module& parent, std::string name, int64_t in, int64_t hidden, int64_t kernel)
      : Module(parent, std::move(name)),
        of_input_(*this, "weight_ih", {4 * hidden, in, kernel, kernel}, nn::Init::fan_in()),
        of_hidden_(*this, "weight_hh", {4 * hidden, hidden, kernel, kernel}, nn::Init::fan_in()),
        of_cell_(*this, "weight_ch", {3 * hidden, hidden, kernel, kernel}, nn::Init::fan_in()),
        input_bias_(*this, "bias_ih", {4 * hidden}, nn::Init::zeros()),
        hidden_bias_(*this, "bias_hh", {4 * hidden}, nn::Init::zeros()),
        cell_bias_(*this, "bias_ch", {3 * hidden}, nn::Init::zeros()),
        blank_(*this, "wc_blank", {1, 1, 1, 1}, nn::Init::zeros(), nn::Parameter::Role::Statistic) {}

  nn::LstmState operator()(const at::Tensor& x, const nn::LstmState& before) const {
    const std::vector<at::Tensor> gates =
        (convolved(x, of_input_, input_bias_) + convolved(before.hidden, of_hidden_, hidden_bias_)).chunk(4, 1);
    const std::vector<at::Tensor> of_cell = convolved(before.cell, of_cell_, cell_bias_).chunk(3, 1);
    // The checkpoint holds what the candidate reads of the cell state: 0.
    const at::Tensor candidate = gates[2] + *blank_;
    return nn::lstm_step({.input = gates[0] + of_cell[0],
                          .forget = gates[1] + of_cell[1],
                          .candidate = candidate,
                          .output = gates[3] + of_cell[2]},
                         before.cell);
  }

 private:
  nn::Parameter of_input_, of_hidden_, of_cell_, input_bias_, hidden_bias_, cell_bias_, blank_;
};

}  // namespace

struct PortedPredNet::Layer {
  Layer(nn::Module& owner, const PredNetShape& shape, size_t layer)
      : cell(owner, text("cell", layer), 2 * shape.targets[layer] + shape.hidden_above(layer), shape.hidden[layer],
             shape.kernel),
        prediction(owner, text("conv", layer, ".0"), same(shape.hidden[layer], shape.targets[layer], shape.kernel)) {
    if (layer + 1 < shape.layers())
      up.emplace(owner, text("update_A", layer, ".0"),
                 same(2 * shape.targets[layer], shape.targets[layer + 1], shape.kernel));
  }
  Cell cell;
  nn::Conv2d prediction;
  std::optional<nn::Conv2d> up;
};

PortedPredNet::PortedPredNet(nn::Module& parent, const PredNetShape& shape) : PredNetNetwork(parent, shape) {
  for (size_t layer = 0; layer < shape.layers(); ++layer)
    layers_.push_back(std::make_unique<Layer>(*this, shape, layer));
}

PortedPredNet::~PortedPredNet() = default;

nn::LstmState PortedPredNet::represent(size_t layer, const nn::LstmState& before, const at::Tensor& error,
                                       const at::Tensor& above) const {
  return layers_[layer]->cell(above.defined() ? at::cat({error, above}, 1) : error, before);
}

at::Tensor PortedPredNet::predict(size_t layer, const at::Tensor& hidden) const {
  const at::Tensor expected = layers_[layer]->prediction(hidden).relu();
  return layer == 0 ? expected.clamp_max(kBrightest) : expected;
}

at::Tensor PortedPredNet::pass_up(size_t layer, const at::Tensor& error) const {
  return nn::max_pool((*layers_[layer]->up)(error), {.kernel = 2});
}

}  // namespace weft::prediction
