#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <random>

namespace weft::metric {

/// A uniform sample of a stream of feature vectors: the first `capacity` of them, and later each with the probability
/// capacity / count in the place of a random one. Source: Vitter 1985, algorithm R.
class Reservoir {
 public:
  Reservoir(int64_t capacity, uint64_t seed) : capacity_(capacity), random_(seed) {}

  /// @param vectors  [n, D]
  void add(const at::Tensor& vectors);

  /// How many vectors came.
  int64_t count() const { return count_; }
  bool has_all() const { return count_ <= capacity_; }
  /// [min(count, capacity), D], float; undefined before the first vector.
  at::Tensor vectors() const;

 private:
  int64_t capacity_, count_ = 0;
  std::mt19937_64 random_;
  at::Tensor rows_;  // [capacity so far, D]
};

}  // namespace weft::metric
