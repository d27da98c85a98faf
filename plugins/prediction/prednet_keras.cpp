#include "framework/base/text.h"
#include "plugins/prediction/prednet_network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

namespace weft::prediction {
namespace {

constexpr double kBrightest = 1;

nn::ConvOptions same(int64_t in, int64_t out, int64_t kernel) {
  return {.in = in,
          .out = out,
          .kernel = kernel,
          .padding = kernel / 2,
          .weight_init = nn::Init::xavier_uniform(),
          .bias_init = nn::Init::zeros()};
}

}  // namespace

struct KerasPredNet::Layer {
  Layer(nn::Module& owner, const PredNetShape& shape, size_t layer) {
    const int64_t hidden = shape.hidden[layer], target = shape.targets[layer];
    const int64_t in = hidden + 2 * target + shape.hidden_above(layer);
    const auto conv = [&](int64_t from, int64_t to) { return same(from, to, shape.kernel); };
    const auto name = [&](const char* kind) { return text("layer_", kind, '_', layer); };
    if (layer + 1 < shape.layers()) up.emplace(owner, name("a"), conv(2 * target, shape.targets[layer + 1]));
    prediction.emplace(owner, name("ahat"), conv(hidden, target));
    candidate.emplace(owner, name("c"), conv(in, hidden));
    forget.emplace(owner, name("f"), conv(in, hidden));
    input.emplace(owner, name("i"), conv(in, hidden));
    output.emplace(owner, name("o"), conv(in, hidden));
  }
  std::optional<nn::Conv2d> up, prediction, candidate, forget, input, output;
};

KerasPredNet::KerasPredNet(nn::Module& parent, const PredNetShape& shape) : PredNetNetwork(parent, shape) {
  for (size_t layer = 0; layer < shape.layers(); ++layer)
    layers_.push_back(std::make_unique<Layer>(*this, shape, layer));
}

KerasPredNet::~KerasPredNet() = default;

nn::LstmState KerasPredNet::represent(size_t layer, const nn::LstmState& before, const at::Tensor& error,
                                      const at::Tensor& above) const {
  std::vector<at::Tensor> parts = {before.hidden, error};
  if (above.defined()) parts.push_back(above);
  const at::Tensor x = at::cat(parts, 1);
  const Layer& own = *layers_[layer];
  return nn::lstm_step({.input = (*own.input)(x),
                        .forget = (*own.forget)(x),
                        .candidate = (*own.candidate)(x),
                        .output = (*own.output)(x)},
                       before.cell, nn::GateActivation::HardSigmoid);
}

at::Tensor KerasPredNet::predict(size_t layer, const at::Tensor& hidden) const {
  const at::Tensor expected = (*layers_[layer]->prediction)(hidden).relu();
  return layer == 0 ? expected.clamp_max(kBrightest) : expected;
}

at::Tensor KerasPredNet::pass_up(size_t layer, const at::Tensor& error) const {
  return nn::max_pool((*layers_[layer]->up)(error).relu(), {.kernel = 2});
}

}  // namespace weft::prediction
