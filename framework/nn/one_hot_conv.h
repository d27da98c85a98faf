#pragma once

#include "framework/nn/one_hot.h"

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace weft::nn {

/// The pixels that a kernel reads along one axis of a map.
class TapAxis {
 public:
  /// Pixels outside of the map: zeros, or the map mirrored in its first and last pixel.
  enum class Border { Zeros, Reflected };
  static constexpr int32_t kZero = -1;

  /// @param size           pixels of the map
  /// @param kernel, stride, dilation  as of a convolution
  /// @param before, after  pixels of the border; a reflected one is smaller than the map
  TapAxis(int64_t size, int64_t kernel, int64_t stride, int64_t dilation, int64_t before, int64_t after, Border border);

  int64_t kernel() const { return kernel_; }
  int64_t dilation() const { return dilation_; }
  int64_t outputs() const { return static_cast<int64_t>(pixels_.size()) / kernel_; }
  /// The pixels of all taps of an output, `kernel` of them; kZero is one of a border of zeros.
  const int32_t* of_output(int64_t output) const { return pixels_.data() + output * kernel_; }

 private:
  int64_t kernel_, dilation_;
  std::vector<int32_t> pixels_;
};

/// Whether gathered_conv2d can compute this: on a CPU, in float or bfloat16, with a weight for as many channels.
bool can_gather(const OneHot& x, const at::Tensor& weight);

/// Convolution of a one-hot map by its ids. Nothing is multiplied: columns of the weight are added up.
///
///   y(o, i, j) = bias(o) + sum_{p, q} sum_g weight(o, c_g(rows(i, p), columns(j, q)), p, q)
///
/// where c_g is the channel that is 1 in group g; a group without one adds nothing, and neither does a border of zeros. It has
/// at most G k^2 additions for each number, where the convolution has C k^2 multiplications. Weights are rounded to the type of the
/// map, as autocast does; sums are in float, those of gradients in double. Differentiable in weight and bias.
/// @param weight  [O, C, k, k]
/// @param bias    [O]
/// @returns [B, O, rows.outputs(), columns.outputs()], in the type of the map and in the memory layout of the weight
at::Tensor gathered_conv2d(const OneHot& x, const at::Tensor& weight, const std::optional<at::Tensor>& bias,
                           TapAxis rows, TapAxis columns);

}  // namespace weft::nn
