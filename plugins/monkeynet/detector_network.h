#pragma once

#include "plugins/monkeynet/embedding.h"
#include "plugins/monkeynet/hourglass.h"

namespace weft::monkeynet {

struct DetectorOptions {
  HourglassOptions hourglass = {.base = 32, .widest = 1024, .blocks = 5};
  int64_t keypoints = 10;
  double temperature = 0.1;  ///< heatmaps are softmax(scores / temperature)
  double scale = 1;          ///< of the frames' size, by nearest pixels
  VarianceOptions variance;
};

/// Finds the keypoints of frames, which nobody has labelled: they are those that help the generator. Keys predictor.*.
///
/// Source: Siarohin et al. 2019, "Animating Arbitrary Objects via Deep Motion Transfer", section 3.1.
class DetectorNetwork : public nn::Module {
 public:
  DetectorNetwork(nn::Module& parent, std::string name, const DetectorOptions& options);
  /// @param frames  [B, C, D, H, W] in [0, 1]; in training the statistics of norms are those of all D frames together
  Keypoints operator()(const at::Tensor& frames) const;

 private:
  DetectorOptions options_;
  Hourglass predictor_;
};

}  // namespace weft::monkeynet
