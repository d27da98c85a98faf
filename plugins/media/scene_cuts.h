#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace weft::media {

/// The first frames of the scenes of a film after the first scene.
///
/// A scene begins where the frame differs from the one before by `least` or more, and by three times as much as the two frames
/// before and the two frames after differ from theirs on average: so a fast pan is no cut. Dissolves are not found.
/// @param differences  of each frame from the one before, in [0, 1]; 0 for the first
std::vector<int64_t> find_cuts(const std::vector<double>& differences, double least);

/// How much frames differ: mean absolute difference of their small pictures (36x64), in [0, 1].
class FrameDifferences {
 public:
  /// @param image  [1, 3, H, W] in [-1, 1]
  void add(const at::Tensor& image);
  const std::vector<double>& all() const { return differences_; }

 private:
  at::Tensor previous_;
  std::vector<double> differences_;
};

}  // namespace weft::media
