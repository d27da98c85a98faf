#include "plugins/media/scene_cuts.h"

#include "framework/vision/resize.h"

#include <ATen/TensorOperators.h>

#include <algorithm>

namespace weft::media {

std::vector<int64_t> find_cuts(const std::vector<double>& differences, double least) {
  constexpr int64_t kReach = 2;
  constexpr double kFactor = 3;
  const auto count = static_cast<int64_t>(differences.size());
  std::vector<int64_t> cuts;
  for (int64_t t = 1; t < count; ++t) {
    double sum = 0;
    int64_t neighbours = 0;
    for (int64_t near = std::max<int64_t>(1, t - kReach); near <= std::min(count - 1, t + kReach); ++near) {
      if (near == t) continue;
      sum += differences[static_cast<size_t>(near)];
      ++neighbours;
    }
    const double usual = neighbours > 0 ? sum / static_cast<double>(neighbours) : 0;
    const double here = differences[static_cast<size_t>(t)];
    if (here >= least && here >= kFactor * usual) cuts.push_back(t);
  }
  return cuts;
}

void FrameDifferences::add(const at::Tensor& image) {
  constexpr int64_t kHeight = 36, kWidth = 64;
  const at::Tensor small = vision::resize(image, kHeight, kWidth, vision::Filter::Bilinear);
  differences_.push_back(previous_.defined() ? (small - previous_).abs().mean().item<double>() / 2 : 0);
  previous_ = small;
}

}  // namespace weft::media
