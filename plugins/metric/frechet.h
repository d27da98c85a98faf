#pragma once

#include "plugins/metric/moments.h"

#include <ATen/core/Tensor.h>

namespace weft::metric {

/// What the covariance is divided by: n - 1 (pytorch-fid), or n (StyleGAN-V, cd-fvd).
enum class Divisor { Unbiased, Count };

/// The Fréchet distance of two normal distributions, and its terms.
///
///   d^2 = |m1 - m2|^2 + Tr S1 + Tr S2 - 2 Tr (S1 S2)^(1/2)
struct Frechet {
  double distance = 0;  ///< d^2, at least 0 but for rounding
  double mean_term = 0, trace1 = 0, trace2 = 0, root_trace = 0;
};

/// The distance of two sets, by the smallest matrix that has the eigenvalues: of n1 x n2 numbers if both sets still have
/// their vectors (n <= D), of n x n if one has, of D x D otherwise. No matrix is inverted, so singular covariances are as
/// exact as others.
/// Source: Dowson and Landau 1982; Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule…".
/// @throws Error  (Data) for a set of fewer than two vectors, or vectors of different lengths
Frechet frechet(const Moments& a, const Moments& b, Divisor divisor = Divisor::Unbiased);

/// Tr (S1 S2)^(1/2) from the covariances: [D, D] each.
double root_trace_of(const at::Tensor& covariance1, const at::Tensor& covariance2);

/// How far the distance would vary between samples of this size.
struct Spread {
  double deviation = 0;  ///< standard deviation of the distance over the repetitions
  int64_t repetitions = 0;
};

/// Bootstrap: the distance of sets drawn from these with replacement.
/// @param a, b  [n, D], finite, at least two vectors each
Spread bootstrap(const at::Tensor& a, const at::Tensor& b, Divisor divisor, int64_t repetitions,
                 at::Generator generator);

}  // namespace weft::metric
