#pragma once

#include "plugins/pix2pixhd/gaussian_mixture.h"
#include <weft/node.h>

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <map>
#include <string>

namespace weft::weights {
struct WeightFile;
}  // namespace weft::weights

namespace weft::pix2pixhd {

/// What features of one class are drawn from: a mixture of Gaussians, or points, which are Gaussians without extent.
class FeatureDistribution {
 public:
  FeatureDistribution() = default;
  /// @throws Error  (Data) without a place, when weights, means and covariances are no mixture
  explicit FeatureDistribution(const GaussianMixture& mixture);
  /// Each row of [K, F] is as likely as the others.
  static FeatureDistribution of_points(const at::Tensor& points);

  /// One vector, [F] float.
  at::Tensor draw(at::Generator generator) const;

 private:
  at::Tensor weights_;  ///< [K]
  at::Tensor means_;    ///< [K, F]
  at::Tensor factors_;  ///< [K, F, F]: of covariances, lower triangular
};

/// How distributions are made of samples: parameters of the nodes that do so.
struct FitOptions {
  enum class Method { Gaussians, KMeans };

  int64_t clusters = 10;
  Covariance covariance = Covariance::Full;

  /// Declares `clusters` and `covariance`.
  void declare(Params& p);
};

/// The tensors that a file has for a class, by the ends of their names: of Gaussians ".weights", ".means" and
/// ".covariances", of points the centres under "".
/// @param rows  [N, F], N >= 1: the samples of the class
std::map<std::string, at::Tensor> fit_features(const at::Tensor& rows, FitOptions::Method method,
                                               const FitOptions& options, at::Generator generator);

/// Distributions by class.
using ClassFeatures = std::map<int64_t, FeatureDistribution>;

/// Reads the distributions of a file that fit_features gave the tensors of, or the original's features_clustered_010.npy,
/// whose tensors are points [K, F] with the classes as names; classes without points are left out.
/// @param features  F, for which the file must be made
/// @throws Error  (Data) when it holds something else
ClassFeatures read_class_features(const std::string& path, int64_t features);

/// Fits distributions to the samples of a file: the original's features.npy, with a table [N, F + 1] for each class, whose
/// last column is the area of the instance in units of H W / 32. Samples of half a unit or less are left out, and classes
/// without others.
/// @throws Error  (Data) when the file holds something else
ClassFeatures fit_class_features(const std::string& path, int64_t features, FitOptions::Method method,
                                 const FitOptions& options, const at::Generator& generator);

/// The rows of [N, F + 1] whose last column, the area, is more than half a unit, without that column: [M, F].
at::Tensor large_samples(const at::Tensor& rows);

}  // namespace weft::pix2pixhd
