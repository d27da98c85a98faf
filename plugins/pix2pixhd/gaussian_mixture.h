#pragma once

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <vector>

namespace weft::pix2pixhd {

/// A mixture of Gaussians over vectors of F features; all tensors are double, on the CPU.
struct GaussianMixture {
  at::Tensor weights;      ///< [K], not negative; their sum is 1
  at::Tensor means;        ///< [K, F]
  at::Tensor covariances;  ///< [K, F, F], symmetric and positive definite
};

enum class Covariance { Full, Diagonal };

struct FittedMixture {
  GaussianMixture mixture;
  /// After each step what the steps maximise; it never falls, but for rounding.
  std::vector<double> objectives;
};

/// The logarithm of the density at each row.
/// @param rows  [N, F]
/// @returns [N], double
at::Tensor log_densities(const GaussianMixture& mixture, const at::Tensor& rows);

/// Fits a mixture to the rows by expectation maximisation, from the clusters of k_means.
///
/// The objective is the log-likelihood of all rows with a prior of the covariances, which keeps them from collapsing onto a
/// row, so that the least samples have a mixture:
///
///   sum_n log p(x_n) - r/2 sum_k trace(S_k^-1),   S_k = (scatter_k + r I) / n_k
///
/// where r is a thousandth of the mean variance of a feature (at least 1e-6): a component of a single row has the covariance
/// r I, and among many rows r vanishes. There are at most as many components as different rows. Steps end when the objective
/// rises by less than 1e-7 per row, or after 500. They
/// lead to a local maximum.
///
/// Source: Dempster, Laird and Rubin 1977, "Maximum Likelihood from Incomplete Data via the EM Algorithm"; of the prior:
/// Fraley and Raftery 2007, "Bayesian Regularization for Normal Mixture Estimation and Model-Based Clustering".
/// @param rows        [N, F], N >= 1, on the CPU
/// @param components  most components, at least 1
FittedMixture fit_gaussian_mixture(const at::Tensor& rows, int64_t components, Covariance covariance,
                                   at::Generator generator);

}  // namespace weft::pix2pixhd
