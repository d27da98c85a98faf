#pragma once

#include <weft/node.h>

namespace weft::metric {

/// How two frames are compared in time: blurred or not, by squares or by absolute differences, with or without a mask.
struct Measure {
  enum class Form { Squared, Absolute };
  Form form = Form::Squared;
  double blur = 0;  ///< deviation of a Gaussian, pixels

  void declare(Params& p);

  /// The mean over the pixels that count and their channels, in units of the whole range: 0 to 1 for images in [-1, 1].
  /// 0 where none counts.
  /// @param a, b  [B, 3, H, W] in [-1, 1]
  /// @param mask  [B, 1, H, W], 1 where a pixel counts, or nullptr
  at::Tensor operator()(const at::Tensor& a, const at::Tensor& b, const at::Tensor* mask) const;
};

}  // namespace weft::metric
