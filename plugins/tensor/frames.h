#pragma once

#include <weft/node.h>

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>

namespace weft::tensor {

/// `length` frames of a window, from place `at` on, without waiting for the device that holds the number.
/// @param window  [B, T, C, H, W]
/// @param at      []; a place that leaves too few frames counts as the last that does not
/// @returns [B, length, C, H, W]
inline at::Tensor frames_from(const at::Tensor& window, const at::Tensor& at, int64_t length) {
  const int64_t last = window.size(1) - length;
  const at::Tensor first = at.to(window.device(), at::kLong).clamp(0, last);
  return window.index_select(1, first + at::arange(length, first.options()));
}

}  // namespace weft::tensor
