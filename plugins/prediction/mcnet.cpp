#include "plugins/prediction/mcnet_network.h"
#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <optional>

namespace weft::prediction {
namespace {

constexpr int64_t kMostFeatures = 16384;

/// One frame of MCNet; the state of its LSTM goes through the graph, so that gradients do too.
///
/// Frames of three channels are RGB at the ports and BGR inside, as the published weights were trained.
/// Source: Villegas et al. 2017, "Decomposing Motion and Content for Natural Video Sequence Prediction".
struct McNet : nn::Module {
  static constexpr auto about =
      "MCNet generator (Villegas et al. 2017): predicts the next frame from the last one and the motion so far. Wire "
      "previous = the frame before and state = \"NODE.state[t-1]\"; where `image` is the last prediction, it goes on "
      "from there. At the first frame, without a motion, the output is `image` itself";

  McNetOptions options;

  void params(Params& p) {
    p("features", options.features, "channels after the first convolutions").min(1).max(kMostFeatures);
    p("decoder", options.decoder,
      "whether a ReLU follows the sums in the decoder, as in the TensorFlow program, or not, as in its PyTorch port",
      {{"tensorflow", McNetDecoder::TensorFlow}, {"pytorch", McNetDecoder::PyTorch}});
  }

  void shape(Shapes& shapes) const {
    shapes.set('M', shapes['H'] / 8);
    shapes.set('N', shapes['W'] / 8);
    shapes.set('S', 8 * options.features);
  }

  void build(const Shapes& shapes) {
    options.channels = shapes.known("C");
    if (options.channels != 1 && options.channels != 3) {
      throw Error(Exit::Graph,
                  text("prediction.mcnet wants frames of 3 channels or of 1, but they have ", options.channels));
    }
    network_.emplace(*this, "", options);
  }

  std::tuple<Out<"image", "like image[B,C,H,W]">, Out<"state", "feature[B,S,M,N]">> run(
      In<"image", "any[B,C,H,W]"> image, Opt<"previous", "any[B,C,H,W]"> previous,
      Opt<"state", "feature[B,S,M,N]"> state, Context& context) {
    if (!previous) return {*image, no_state(*image, context)};
    const auto type = context.precision();
    const at::Tensor difference = (grey(*image) - grey(*previous)) / 2;  // of frames in [0, 1]
    const auto motion = network_->motion(nn::enter(difference, type));
    nn::LstmState before;
    if (state) {
      const std::vector<at::Tensor> halves = state->chunk(2, 1);
      before = {.hidden = halves[1], .cell = halves[0]};
    }
    const nn::LstmState after = network_->step(motion, before);
    const auto content = network_->content(nn::enter(image->flip(1), type));
    const at::Tensor predicted = nn::widened(network_->decode(after.hidden, motion, content)).flip(1);
    return {predicted, at::cat({after.cell, after.hidden}, 1)};
  }

 private:
  at::Tensor no_state(const at::Tensor& image, const Context& context) const {
    return at::zeros({image.size(0), 8 * options.features, image.size(2) / 8, image.size(3) / 8},
                     image.options().dtype(context.precision()));
  }

  std::optional<McNetNetwork> network_;
};

}  // namespace

void add_mcnet(Registry& registry) {
  registry.add<McNet>("prediction.mcnet");
}

}  // namespace weft::prediction
