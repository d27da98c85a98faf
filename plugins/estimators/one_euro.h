#pragma once

#include <ATen/core/Tensor.h>

namespace weft::estimators {

/// The 1€ filter: a low-pass filter whose cutoff frequency grows with the speed, so that what rests does not tremble, and
/// what moves does not lag.
///
///   alpha(cutoff) = 1 / (1 + rate / (2 pi cutoff))
///   speed        += alpha(derivative_cutoff) ((value - previous value) rate scale - speed)
///   filtered     += alpha(min_cutoff + beta |speed|) (value - filtered)
///
/// Source: Casiez et al. 2012, "1€ Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems".
struct OneEuro {
  double min_cutoff;  ///< Hz
  double beta;        ///< Hz for a speed of 1
  double derivative_cutoff = 1;

  static constexpr int64_t kRows = 3;  ///< of a state: previous value, filtered value, speed

  /// The state after a first value: that value, at rest.
  /// @param values  [N] double
  /// @returns [3, N]
  static at::Tensor begin(const at::Tensor& values);

  /// Filters the next value and advances the state.
  /// @param values  [N] double
  /// @param state   [3, N] double, changed in place
  /// @param rate    values a second
  /// @param scale   what a speed is multiplied by, such as 1 / the size of the object, so that it does not depend on that
  /// @returns [N]
  at::Tensor next(const at::Tensor& values, const at::Tensor& state, double rate, double scale) const;
};

}  // namespace weft::estimators
