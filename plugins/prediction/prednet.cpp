#include "framework/nn/halvings.h"
#include "plugins/prediction/prednet_network.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <memory>

namespace weft::prediction {
namespace {

constexpr size_t kMostLayers = 8;
constexpr int64_t kMostFeatures = 65536;

/// One frame of PredNet; what it keeps from frame to frame goes through the graph, so that gradients do too.
///
/// Source: Lotter et al. 2017, "Deep Predictive Coding Networks for Video Prediction and Unsupervised Learning".
/// @tparam Network     the program whose layers and keys they are
/// @tparam Brightest   the network's value of white; the graph's images are in [-1, 1]
template <typename Network, int Brightest>
struct PredNet : nn::Module {
  std::vector<int64_t> stack = {3, 48, 96, 192};
  std::optional<std::vector<int64_t>> hidden;
  int64_t kernel = 3;
  std::vector<double> weights = {1};

  void params(Params& p) {
    p("stack", stack, "channels of what each layer predicts, from the frame upwards").min(1).max(kMostFeatures);
    p("hidden", hidden, "channels of the representation of each layer; default: as `stack`").min(1).max(kMostFeatures);
    p("kernel", kernel, "side of all kernels, odd").min(1).max(31);
    p("weights", weights,
      "weights of the layers in `loss`, 0 for those that are not listed: [1] is the paper's L_0, [1, 0.1, 0.1, 0.1] "
      "its L_all");
  }

  void shape(Shapes& shapes) const {
    const PredNetShape own = checked_shape();
    shapes.set('C', own.targets.front());
    shapes.set('L', static_cast<int64_t>(own.layers()));
    const auto side = [&](char letter) {
      const Dim dim = shapes.symbols ? shapes.symbols->resolve(shapes[letter]) : shapes[letter];
      return dim.is_known() ? dim.value() : 0;
    };
    nn::check_halvings("PredNet", side('H'), side('W'), halvings());
  }

  void build(const Shapes&) { network_ = std::make_unique<Network>(*this, checked_shape()); }

  std::tuple<Out<"prediction", "image[B,C,H,W]">, Out<"loss", "scalar">, Out<"errors", "feature[B,L]">,
             Out<"state", "feature[B,S]">>
  run(In<"image", "image[B,C,H,W]"> image, Opt<"state", "feature[B,S]"> state, Opt<"real", "image[B,C,H,W]"> real,
      Context& context) {
    nn::check_halvings("PredNet", image->size(2), image->size(3), halvings());
    const at::Tensor frame = nn::enter((*image + 1) * (Brightest / 2.0), context.precision());
    PredNetState own = state ? PredNetState::unpacked(*state, network_->shape(), frame)
                             : PredNetState::before(network_->shape(), frame);
    const at::Tensor prediction = nn::widened((*network_)(frame, own)) * (2.0 / Brightest) - 1;
    std::vector<at::Tensor> means;
    for (const at::Tensor& error : own.errors) means.push_back(nn::widened(error).mean({1, 2, 3}));  // [B]
    const at::Tensor errors = at::stack(means, 1);                                                   // [B, L]
    // What is predicted before anything was seen says nothing.
    at::Tensor loss = at::zeros({}, errors.options());
    if (state) loss = real ? (prediction - *real).abs().mean() / 4 : weighted(errors);
    return {prediction, loss, errors, own.packed()};
  }

 private:
  at::Tensor weighted(const at::Tensor& errors) const {
    at::Tensor sum = at::zeros({}, errors.options());
    for (size_t layer = 0; layer < weights.size(); ++layer)
      sum = sum + errors.select(1, static_cast<int64_t>(layer)).mean() * weights[layer];
    return sum;
  }

  int64_t halvings() const { return static_cast<int64_t>(stack.size()) - 1; }

  PredNetShape checked_shape() const {
    PredNetShape own{stack, hidden.value_or(stack), kernel};
    if (kernel % 2 == 0) throw Error(Exit::Graph, text("PredNet's `kernel` must be odd, but is ", kernel));
    const size_t layers = own.layers();
    if (layers == 0 || layers > kMostLayers || own.hidden.size() != layers || weights.size() > layers) {
      throw Error(Exit::Graph,
                  text("PredNet wants 1 to ", kMostLayers,
                       " layers, a number in `hidden` for each, and no more `weights` than that; `stack` has ", layers,
                       ", `hidden` ", own.hidden.size(), ", `weights` ", weights.size()));
    }
    return own;
  }

  std::unique_ptr<Network> network_;
};

struct OfKeras : PredNet<KerasPredNet, 1> {
  static constexpr auto about =
      "PredNet (Lotter et al. 2017, the Keras program): predicts each frame from those before it. `prediction` is of "
      "the frame `image` itself, made before it is seen; wire state = \"NODE.state[t-1]\". Where `image` is the last "
      "prediction, it extrapolates. `loss` is the weighted error of the layers, 0 at the first frame; where `real` is "
      "wired, half the mean absolute difference of `prediction` and `real` with white at 1, for training on "
      "extrapolated frames";
};

struct OfPyTorch : PredNet<PortedPredNet, 255> {
  static constexpr auto about =
      "PredNet as the PyTorch program leido/pytorch-prednet has it, for its checkpoints: other gates, and no ReLU "
      "before the pooling. Ports as prediction.prednet's";
};

}  // namespace

void add_prednet(Registry& registry) {
  registry.add<OfKeras>("prediction.prednet");
  registry.add<OfPyTorch>("prediction.prednet_port");
}

}  // namespace weft::prediction
