#include "plugins/monkeynet/detector_network.h"
#include "plugins/monkeynet/node_parts.h"

#include <ATen/ops/cat.h>

namespace weft::monkeynet {
namespace {

constexpr int64_t kMostKeypoints = 1000;

/// What both detectors share: parameters, network.
struct DetectorBase : nn::Module {
  DetectorOptions options;
  int64_t reduction = 1;
  double least_variance = 0.001;

  void params(Params& p) {
    using enum VarianceOptions::Form;
    p("keypoints", options.keypoints, "number of keypoints (num_kp)").min(1).max(kMostKeypoints);
    add_params(p, options.hourglass);
    add_reduction(p, reduction);
    p("temperature", options.temperature, "divisor of the scores before the softmax").above(0);
    p("variance", options.variance.form,
      "the covariance of the heatmap, the mean of its two variances, or a fixed number (kp_variance)",
      {{"matrix", Matrix}, {"single", Single}, {"fixed", Fixed}});
    p("fixed_variance", options.variance.fixed, "the number of variance = \"fixed\"").above(0);
    p("least_variance", least_variance,
      "smallest singular value of a covariance; a thinner one is enlarged (clip_variance); 0: none")
        .min(0);
  }

  void build(const Shapes& shapes) {
    check_sides("monkeynet.detector", shapes, reduction, options.hourglass.blocks);
    options.scale = 1 / static_cast<double>(reduction);
    if (least_variance > 0) options.variance.least = least_variance;
    network_.emplace(*this, "", options);
  }

 protected:
  Keypoints detect(const at::Tensor& clip, const Context& context) const {
    return (*network_)(nn::enter(clip, context.precision()));
  }

 private:
  std::optional<DetectorNetwork> network_;
};

/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.1.
struct Detector : DetectorBase {
  static constexpr auto about =
      "Monkey-Net keypoint detector: keypoints of a frame that were learnt without labels. Each is 5 numbers: x and y "
      "in [-1, 1], and the lower triangular factor of the covariance of its heatmap";

  Out<"keypoints", "feature[B,keypoints,5]"> run(In<"image", "image[B,3,H,W]"> image, Context& context) {
    return packed(detect(clip_of(*image), context));
  }
};

/// The detector for training, where the statistics of batch norms are those of both frames together.
struct PairDetector : DetectorBase {
  static constexpr auto about =
      "Monkey-Net keypoint detector for training: monkeynet.detector on a source and a driving frame together, which "
      "in "
      "training share the statistics of its batch norms";

  std::tuple<Out<"source", "feature[B,keypoints,5]">, Out<"driving", "feature[B,keypoints,5]">> run(
      In<"source", "image[B,3,H,W]"> source, In<"driving", "image[B,3,H,W]"> driving, Context& context) {
    const Keypoints both = detect(at::cat({clip_of(*source), clip_of(*driving)}, 2), context);  // [B, 2, K, …]
    const auto frame = [&](int64_t at) {
      return packed({.mean = both.mean.narrow(1, at, 1), .variance = both.variance.narrow(1, at, 1)});
    };
    return {frame(0), frame(1)};
  }
};

}  // namespace

void add_detector(Registry& registry) {
  registry.add<Detector>("monkeynet.detector");
  registry.add<PairDetector>("monkeynet.pair_detector");
}

}  // namespace weft::monkeynet
