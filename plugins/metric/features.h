#pragma once

#include <weft/node.h>

#include <ATen/core/Tensor.h>

namespace weft::metric {

/// How a map of features becomes vectors.
enum class Pooling {
  Mean,      ///< one vector for each image: the mean over its pixels
  Positions  ///< one vector for each pixel
};

void declare(Params& p, Pooling& pooling);

/// @param features  [B, C, H, W]
/// @returns [n, C]: n = B, or B H W
at::Tensor vectors_of(const at::Tensor& features, Pooling pooling);

}  // namespace weft::metric
