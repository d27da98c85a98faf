#pragma once

#include "framework/vision/curve.h"

#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::face {

using Landmarks = std::vector<vision::Point>;

/// 68 landmarks that are all one point: a face of which nothing is drawn.
Landmarks all_at(double x, double y);

/// [1, 68, 3].
at::Tensor keypoints(const Landmarks& landmarks);

/// A channel of the first sample as whole numbers of grey: value * 255.
at::Tensor grey_levels(const at::Tensor& maps, int64_t channel);

}  // namespace weft::face
