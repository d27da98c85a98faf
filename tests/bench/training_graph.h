#pragma once

#include "framework/base/log.h"
#include "framework/plugin/plugins.h"
#include "framework/train/trainer.h"
#include "tests/bench/bare_training.h"

#include <memory>
#include <string>
#include <vector>

namespace weft::bench {

/// Training as weft does it: vid2vid's generator with foreground, one scale, 16 features, maps halved twice, 9 blocks; a
/// discriminator of frames and two of clips, 16 features, one resolution each; chunks of two frames of 256x128.
class GraphTraining {
 public:
  static constexpr int64_t kDown = 2, kBlocks = 9;

  explicit GraphTraining(const std::string& precision);

  /// A step for each chunk of the clip. @returns the generator's loss of each
  std::vector<double> train(const TrainingClip& clip);
  /// Copies of what the networks begin with, which is the same each time.
  std::map<std::string, BareTraining::Parameters> networks() const;

 private:
  Log log_{Log::Level::Quiet};
  plugin::Plugins plugins_;
  std::unique_ptr<train::Trainer> trainer_;
};

/// Frames of the procedural street, 256x128: two that are given and six chunks.
TrainingClip street_clip();

}  // namespace weft::bench
