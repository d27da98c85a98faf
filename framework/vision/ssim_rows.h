#pragma once

#include "framework/vision/ssim.h"

namespace weft::vision {

/// ssim_means() with the Gaussian window of 11x11 pixels, on a CPU: in double, eleven rows at a time, channels in parallel.
/// @param a, b  [B, C, H, W], at least 11 pixels high and wide
SsimMeans ssim_by_rows(const at::Tensor& a, const at::Tensor& b, double range);

}  // namespace weft::vision
