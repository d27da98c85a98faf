#include "framework/nn/axes.h"

#include <ATen/ops/constant_pad_nd.h>

#include <algorithm>
#include <vector>

namespace weft::nn {
namespace {

size_t axes_of(const at::Tensor& map) {
  assert(map.dim() == 4 || map.dim() == 5);
  return static_cast<size_t>(map.dim()) - 2;
}

/// Pixels from the first to the last tap.
int64_t reach(const Sweep& sweep, size_t axis) {
  return (sweep.kernel[axis] - 1) * sweep.dilation[axis] + 1;
}

}  // namespace

std::array<int64_t, kMostAxes> Padding::Sides::least() const {
  std::array<int64_t, kMostAxes> least{};
  for (size_t axis = 0; axis < axes; ++axis) least[axis] = std::min(before[axis], after[axis]);
  return least;
}

Padding::Sides Padding::fixed(size_t axes) const {
  Sides sides{.axes = axes};
  for (size_t axis = 0; axis < axes; ++axis) {
    sides.before[axis] = before_[axis];
    sides.after[axis] = after_[axis];
  }
  return sides;
}

Padding::Sides Padding::of(const at::Tensor& map, const Sweep& sweep) const {
  const size_t axes = axes_of(map);
  if (!is_same_) return fixed(axes);
  Sides sides{.axes = axes};
  for (size_t axis = 0; axis < axes; ++axis) {
    const int64_t stride = sweep.stride[axis], size = map.size(static_cast<int64_t>(axis) + 2);
    const int64_t steps = (size + stride - 1) / stride - 1;
    const int64_t total = std::max<int64_t>(steps * stride + reach(sweep, axis) - size, 0);
    sides.before[axis] = total / 2;
    sides.after[axis] = total - total / 2;
  }
  return sides;
}

Padding::Sides Padding::of_transposed(const at::Tensor& map, const Sweep& sweep) const {
  const size_t axes = axes_of(map);
  if (!is_same_) return fixed(axes);
  Sides sides{.axes = axes};
  for (size_t axis = 0; axis < axes; ++axis) {
    const int64_t total = reach(sweep, axis) - sweep.stride[axis];
    sides.before[axis] = std::max<int64_t>(total, 0) / 2;
    sides.after[axis] = total - sides.before[axis];
  }
  return sides;
}

at::Tensor bordered(const at::Tensor& map, const Padding::Sides& sides, double value) {
  std::vector<int64_t> last_axis_first;
  for (size_t axis = sides.axes; axis-- > 0;) {
    last_axis_first.push_back(sides.before[axis]);
    last_axis_first.push_back(sides.after[axis]);
  }
  return at::constant_pad_nd(map, last_axis_first, value);
}

EvenlyPadded evenly_padded(const at::Tensor& map, const Padding& padding, const Sweep& sweep, double value) {
  Padding::Sides sides = padding.of(map, sweep);
  const auto both = sides.least();
  if (sides.is_even()) return {map, both, sides.axes};
  for (size_t axis = 0; axis < sides.axes; ++axis) {
    sides.before[axis] -= both[axis];
    sides.after[axis] -= both[axis];
  }
  return {bordered(map, sides, value), both, sides.axes};
}

}  // namespace weft::nn
