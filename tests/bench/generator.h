#pragma once

#include "framework/plugin/plugins.h"
#include "framework/run/session.h"
#include "tests/bench/bare_generator.h"

#include <memory>
#include <vector>

namespace weft::bench {

/// The generator of the benchmarks: 512x256, 32 features (foreground 16), 9 blocks, two past frames, on the frames of a
/// drawn street with one car that moves.
inline constexpr int64_t kHeight = 256, kWidth = 512, kClasses = 36, kPast = 2;

/// Conditions s [1, 36, 256, 512], in type and layout as image.concat makes them, and foreground mask
/// [1, 1, 256, 512] of frame t.
struct Conditions {
  at::Tensor s, foreground;
};
Conditions conditions_at(int64_t t, at::ScalarType precision);

/// graphs/parts/scale.toml in a session, frame by frame.
class GraphGenerator {
 public:
  /// @param features  channels after the first layer; the foreground has half of them
  explicit GraphGenerator(at::ScalarType precision, int64_t features = 32);
  /// Computes the next frame. @returns [1, 3, 256, 512]
  at::Tensor next();
  /// The same with other conditions.
  at::Tensor next(const Value& s, const at::Tensor& foreground);
  /// The parameters in use, by their keys.
  BareGenerator::Parameters parameters() const;

 private:
  Log log_{Log::Level::Quiet};
  plugin::Plugins plugins_;
  std::unique_ptr<run::Session> session_;
  int64_t t_ = 0;
};

/// BareGenerator with its past frames.
class BareRollout {
 public:
  explicit BareRollout(BareGenerator generator);
  /// Computes the next frame. @returns [1, 3, 256, 512]
  at::Tensor next();

 private:
  BareGenerator generator_;
  std::vector<at::Tensor> s_, past_;
  int64_t t_ = 0;
};

/// Parameters as the original has them: float, channel by channel, with running statistics.
BareGenerator::Parameters original_parameters();

}  // namespace weft::bench
