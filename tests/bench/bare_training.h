#pragma once

#include "tests/bench/bare_generator.h"

#include <deque>
#include <map>
#include <string>
#include <vector>

namespace weft::bench {

/// Frames that both ways of training see, from t = 0; the first two are given.
struct TrainingClip {
  std::vector<at::Tensor> s;           ///< [1, C, H, W]
  std::vector<at::Tensor> real;        ///< [1, 3, H, W]
  std::vector<at::Tensor> flow;        ///< [1, 2, H, W], pixels
  std::vector<at::Tensor> visible;     ///< [1, 1, H, W]
  std::vector<at::Tensor> foreground;  ///< [1, 1, H, W]
};

/// Training as the 2018 program does it, as plain LibTorch calls: float, channel by channel; three passes of a
/// discriminator for each pair of real and synthesised frames, with the raw frames as a pair of their own; gradients of
/// the generator's loss for the discriminators too, which are thrown away; Adam tensor by tensor.
class BareTraining {
 public:
  using Parameters = BareGenerator::Parameters;
  static constexpr int64_t kChunk = 2, kGiven = 2, kClipScales = 2;
  static constexpr double kRate = 2e-4;

  /// @param networks  F, D, D_T0 and D_T1, by key of the parameter
  BareTraining(std::map<std::string, Parameters> networks, BareGenerator::Size size);

  /// A step for each chunk of the clip. @returns the generator's loss of each
  std::vector<double> train(const TrainingClip& clip);

 private:
  struct Verdict {
    at::Tensor score;
    std::vector<at::Tensor> features;
  };
  struct Judged {
    at::Tensor generator, discriminator;
  };
  struct Learner {
    std::vector<at::Tensor> parameters, means, squares;
    int64_t steps = 0;
  };
  struct History {
    std::deque<at::Tensor> real, fake, flow;
  };

  Verdict judge(const std::string& network, at::Tensor x) const;
  Judged compare(const std::string& network, const at::Tensor& conditions, const at::Tensor& real,
                 const at::Tensor& fake) const;
  double train_chunk(const TrainingClip& clip, int64_t begin, std::vector<at::Tensor>& past, History& history);
  void learn(const std::string& network, const at::Tensor& loss);

  std::map<std::string, Parameters> networks_;
  std::map<std::string, Learner> learners_;
  BareGenerator generator_;
};

}  // namespace weft::bench
