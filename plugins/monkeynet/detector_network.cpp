#include "plugins/monkeynet/detector_network.h"

#include <ATen/ops/softmax.h>

namespace weft::monkeynet {

DetectorNetwork::DetectorNetwork(nn::Module& parent, std::string name, const DetectorOptions& options)
    : Module(parent, std::move(name)),
      options_(options),
      predictor_(*this, "predictor", options.hourglass, options.keypoints) {}

Keypoints DetectorNetwork::operator()(const at::Tensor& frames) const {
  const at::Tensor scores = nn::widened(predictor_(scaled(frames, options_.scale)));  // [B, K, D, h, w]
  const at::Tensor heatmaps = at::softmax(scores.flatten(3) / options_.temperature, 3).view_as(scores);
  return keypoints_of(heatmaps, options_.variance);
}

}  // namespace weft::monkeynet
