#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace weft::loss {

/// `x` in a type in which losses can be summed up: double stays, all else becomes float.
inline at::Tensor precise(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

/// mean |a - b|. With a mask m it is mean |m a - m b| over all pixels, those with m = 0 included, so that a
/// frame of which little counts weighs little.
/// @param a, b  [B, C, H, W]
/// @param mask  [B, 1, H, W] in [0, 1], or nullptr
inline at::Tensor masked_l1(const at::Tensor& a, const at::Tensor& b, const at::Tensor* mask) {
  at::Tensor difference = (precise(a) - precise(b)).abs();
  if (mask) difference = difference * precise(*mask);
  return difference.mean();
}

}  // namespace weft::loss
