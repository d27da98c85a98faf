#pragma once

#include "framework/nn/axes.h"

#include <optional>

namespace weft::nn {

/// Options of pooling; sizes in pixels.
struct PoolOptions {
  PerAxis kernel = 2;
  std::optional<PerAxis> stride = {};  ///< if absent: the kernel
  Padding padding = 0;                 ///< on one axis at most half of the kernel
  bool ceil_mode = false;              ///< whether a last kernel that sticks out of the map counts
  bool count_include_pad = true;       ///< of average_pool: whether the border counts in the mean
};

/// Maxima of a map [B, C, H, W] or [B, C, T, H, W]; the border never wins.
at::Tensor max_pool(const at::Tensor& x, const PoolOptions& options);

/// Means of a map [B, C, H, W] or [B, C, T, H, W]; the border holds zeros.
at::Tensor average_pool(const at::Tensor& x, const PoolOptions& options);

}  // namespace weft::nn
