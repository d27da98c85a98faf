#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <optional>

namespace weft::metric {

/// The polynomial kernel (gamma a.b + coefficient)^degree. KID takes gamma = 1 / D, KVD takes 1.
struct PolynomialKernel {
  std::optional<double> gamma = {};  ///< if absent: 1 / D
  double coefficient = 1;
  int64_t degree = 3;
};

enum class Estimator {
  Unbiased,  ///< without the pairs of a vector with itself; may be below 0
  Biased
};

/// Squared maximum mean discrepancy (MMD) of two sets of vectors.
///
///   mean k(x, x') + mean k(y, y') - 2 mean k(x, y)
///
/// Source: Gretton et al. 2012; Binkowski et al. 2018, "Demystifying MMD GANs" (KID); Unterthiner et al. 2018 (KVD).
/// @param x, y  [n, D] and [m, D]; at least two vectors each
double kernel_distance(const at::Tensor& x, const at::Tensor& y, const PolynomialKernel& kernel, Estimator estimator);

/// Mean and standard deviation of the distance over subsets, drawn without replacement.
struct SubsetDistance {
  double mean = 0, deviation = 0;
  int64_t subsets = 0, size = 0;
};
SubsetDistance kernel_distance_of_subsets(const at::Tensor& x, const at::Tensor& y, const PolynomialKernel& kernel,
                                          int64_t subsets, int64_t size, at::Generator generator);

}  // namespace weft::metric
