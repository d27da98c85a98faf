#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cassert>
#include <cstdint>
#include <initializer_list>

namespace weft::nn {

/// The most axes that a map has: frames, rows, columns.
inline constexpr size_t kMostAxes = 3;

/// A number for each axis of a map, frames before rows before columns; a single number is for all of them.
///
///   .kernel = 3    .kernel = {1, 7}    .kernel = {1, 3, 3}
class PerAxis {
 public:
  constexpr PerAxis(int64_t all) : numbers_{all}, count_(1) {}  // NOLINT(google-explicit-constructor): see above
  constexpr PerAxis(std::initializer_list<int64_t> each) : count_(each.size()) {
    assert(count_ >= 1 && count_ <= kMostAxes);
    for (size_t axis = 0; axis < count_; ++axis) numbers_[axis] = each.begin()[axis];
  }

  constexpr int64_t operator[](size_t axis) const { return count_ == 1 ? numbers_[0] : numbers_[axis]; }
  /// As LibTorch's operators take it: one number, or one for each axis.
  at::IntArrayRef list() const { return {numbers_.data(), count_}; }

 private:
  std::array<int64_t, kMostAxes> numbers_{};
  size_t count_;
};

/// A kernel that is applied at each position of a map: its size, its steps, and the distance of its taps.
struct Sweep {
  PerAxis kernel, stride = 1, dilation = 1;
};

/// The border that a map gets before a convolution.
///
///   .padding = 1    .padding = {0, 3}
///   .padding = nn::Padding::sides({0, 0}, {1, 1})    .padding = nn::Padding::same()
class Padding {
 public:
  /// The same border on both sides of an axis.
  constexpr Padding(int64_t all) : Padding(PerAxis(all), PerAxis(all)) {}  // NOLINT(google-explicit-constructor)
  constexpr Padding(std::initializer_list<int64_t> each) : Padding(PerAxis(each), PerAxis(each)) {}
  /// `before` the first and `after` the last pixel of an axis.
  static constexpr Padding sides(PerAxis before, PerAxis after) { return {before, after}; }
  /// TensorFlow's SAME: a map of n pixels gives one of ceil(n / stride). The whole border has
  ///
  ///   max(0, (ceil(n / stride) - 1) stride + (kernel - 1) dilation + 1 - n)
  ///
  /// pixels; half of them, rounded down, stand before the first pixel.
  static constexpr Padding same() {
    Padding padding(0);
    padding.is_same_ = true;
    return padding;
  }

  struct Sides {
    std::array<int64_t, kMostAxes> before{}, after{};
    size_t axes = 0;

    bool is_even() const { return before == after; }
    /// The smaller of both sides, for operators that pad evenly.
    std::array<int64_t, kMostAxes> least() const;
  };
  /// @param map  [B, C, …], with two or three axes after the channels
  Sides of(const at::Tensor& map, const Sweep& sweep) const;
  /// The border that a transposed convolution cuts off its full result. With SAME n stride pixels are left; a kernel smaller
  /// than the stride has a negative border behind.
  Sides of_transposed(const at::Tensor& map, const Sweep& sweep) const;

 private:
  constexpr Padding(PerAxis before, PerAxis after) : before_(before), after_(after) {}

  Sides fixed(size_t axes) const;

  PerAxis before_, after_;
  bool is_same_ = false;
};

/// A map with a border of `value`.
at::Tensor bordered(const at::Tensor& map, const Padding::Sides& sides, double value);

/// A map, and the border that both its sides still need. The surplus of one side is in the map already, since operators of
/// LibTorch pad both sides alike.
struct EvenlyPadded {
  at::Tensor map;
  std::array<int64_t, kMostAxes> both_sides;
  size_t axes;

  at::IntArrayRef list() const { return {both_sides.data(), axes}; }
};
EvenlyPadded evenly_padded(const at::Tensor& map, const Padding& padding, const Sweep& sweep, double value);

}  // namespace weft::nn
