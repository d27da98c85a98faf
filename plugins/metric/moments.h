#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

namespace weft::metric {

/// Mean and covariance of a stream of feature vectors, in double, in memory that does not grow with their number.
///
/// Up to as many vectors as they have numbers, D, are kept as they are: D x D numbers at most, and the Fréchet distance of
/// so few is computed from them exactly. After that only their sums remain, of differences from the first vector, so that
/// little is lost by cancellation.
class Moments {
 public:
  /// Longer vectors would take more than 0.5 GiB.
  static constexpr int64_t kMostNumbers = 8192;

  /// @param vectors  [n, D], finite
  /// @throws Error  (Graph) for vectors of another length, or of more than kMostNumbers
  void add(const at::Tensor& vectors);

  int64_t count() const { return count_; }
  int64_t dimensions() const { return dimensions_; }
  /// [D]; after the first vector.
  at::Tensor mean() const;
  /// The vectors themselves minus their mean, [n, D], while they are kept.
  std::optional<at::Tensor> centred() const;
  /// Sum of products of differences from the mean, [D, D]: the covariance times the count, or the count less one.
  at::Tensor scatter() const;

 private:
  void fold(const at::Tensor& vectors);
  at::Tensor kept() const { return rows_.narrow(0, 0, count_); }

  int64_t count_ = 0, dimensions_ = 0;
  at::Tensor first_;     // [D]
  at::Tensor rows_;      // [capacity, D], while count <= D
  at::Tensor sum_;       // [D], of x - first
  at::Tensor products_;  // [D, D], of (x - first)(x - first)^T
};

}  // namespace weft::metric
