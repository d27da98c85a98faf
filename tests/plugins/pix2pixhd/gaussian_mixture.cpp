#include "plugins/pix2pixhd/gaussian_mixture.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/allclose.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace weft::pix2pixhd {
namespace {

at::Generator generator(uint64_t seed = 1) {
  at::Generator made = at::make_generator<at::CPUGeneratorImpl>();
  made.set_current_seed(seed);
  return made;
}

at::Tensor doubles(const std::vector<double>& numbers) {
  return at::tensor(numbers, at::kDouble);
}

/// `count` draws from a Gaussian with this mean and this lower triangular factor of its covariance.
at::Tensor gaussian(const at::Tensor& mean, const at::Tensor& factor, int64_t count, uint64_t seed) {
  return mean + at::matmul(at::randn({count, mean.size(0)}, generator(seed), mean.options()), factor.t());
}

/// The numbers of a mixture in the order of the first feature of its means.
GaussianMixture sorted(const GaussianMixture& mixture) {
  const at::Tensor order = mixture.means.select(1, 0).argsort();
  return {mixture.weights.index_select(0, order), mixture.means.index_select(0, order),
          mixture.covariances.index_select(0, order)};
}

TEST(GaussianMixture, HasTheDensityOfItsFormula) {
  // Half N((0, 0), I) and half N((1, 0), diag(4, 1)), at (0, 0): the second has the exponent -1/8 and half the height.
  const GaussianMixture mixture{doubles({0.5, 0.5}), doubles({0, 0, 1, 0}).view({2, 2}),
                                at::stack({at::eye(2, at::kDouble), doubles({4, 0, 0, 1}).view({2, 2})})};
  const double unit = 1 / (2 * std::numbers::pi);
  const double expected = std::log(0.5 * unit + 0.5 * unit / 2 * std::exp(-0.125));
  EXPECT_NEAR(log_densities(mixture, at::zeros({1, 2})).item<double>(), expected, 1e-12);
}

TEST(GaussianMixture, OfOneComponentIsMeanAndCovariance) {
  const at::Tensor rows = doubles({0, 0, 2, 0, 0, 4, 2, 4}).view({4, 2});
  const GaussianMixture mixture = fit_gaussian_mixture(rows, 1, Covariance::Full, generator()).mixture;
  EXPECT_TRUE(at::equal(mixture.weights, doubles({1})));
  EXPECT_TRUE(at::allclose(mixture.means, doubles({1, 2}).view({1, 2})));
  // The variances are 1 and 4, and the prior is a thousandth of their mean, for the four rows together.
  EXPECT_TRUE(at::allclose(mixture.covariances[0], doubles({1 + 0.0025 / 4, 0, 0, 4 + 0.0025 / 4}).view({2, 2})));
}

class Recovered : public ::testing::TestWithParam<uint64_t> {};

TEST_P(Recovered, AreTheComponentsOfAMixtureThatWasMadeByHand) {
  const at::Tensor first = doubles({-2, 0, 1}), second = doubles({2, 1, -1});
  const at::Tensor narrow = 0.3 * at::eye(3, at::kDouble);
  const at::Tensor slanted = doubles({0.5, 0, 0, 0.4, 0.3, 0, 0, 0.2, 0.2}).view({3, 3});
  const int64_t many = 3000, few = 1000;
  const at::Tensor rows =
      at::cat({gaussian(first, narrow, few, GetParam()), gaussian(second, slanted, many, GetParam() + 100)});
  const GaussianMixture mixture = sorted(fit_gaussian_mixture(rows, 2, Covariance::Full, generator()).mixture);
  // Standard errors: of a mean 0.5 / sqrt(3000) = 0.01, of a variance 0.41 sqrt(2 / 3000) = 0.011; five of them.
  EXPECT_TRUE(at::allclose(mixture.weights, doubles({0.25, 0.75}), 0, 1e-3)) << mixture.weights;
  EXPECT_TRUE(at::allclose(mixture.means, at::stack({first, second}), 0, 0.05)) << mixture.means;
  const at::Tensor covariances = at::stack({at::matmul(narrow, narrow.t()), at::matmul(slanted, slanted.t())});
  EXPECT_TRUE(at::allclose(mixture.covariances, covariances, 0, 0.055)) << mixture.covariances;
}

TEST_P(Recovered, AreOverlappingComponentsThatClustersDoNotSeparate) {
  // A narrow Gaussian within a wide one: K-means cuts the wide one in halves.
  const at::Tensor rows = at::cat({gaussian(doubles({0}), doubles({0.1}).view({1, 1}), 4000, GetParam()),
                                   gaussian(doubles({1}), doubles({1}).view({1, 1}), 4000, GetParam() + 100)});
  const GaussianMixture mixture = fit_gaussian_mixture(rows, 2, Covariance::Full, generator()).mixture;
  const at::Tensor deviations = std::get<0>(mixture.covariances.flatten().sqrt().sort(0));
  EXPECT_TRUE(at::allclose(deviations, doubles({0.1, 1}), 0.1)) << deviations;
  EXPECT_TRUE(at::allclose(mixture.weights, doubles({0.5, 0.5}), 0, 0.05)) << mixture.weights;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Recovered, ::testing::Range<uint64_t>(1, 5));

TEST(GaussianMixture, WithDiagonalCovariancesHasTheVariancesAlone) {
  const at::Tensor factor = doubles({1, 0, 0.9, 0.5}).view({2, 2});
  const at::Tensor rows = gaussian(doubles({0, 0}), factor, 20'000, 1);
  const at::Tensor full = fit_gaussian_mixture(rows, 1, Covariance::Full, generator()).mixture.covariances[0];
  const at::Tensor diagonal = fit_gaussian_mixture(rows, 1, Covariance::Diagonal, generator()).mixture.covariances[0];
  EXPECT_NEAR(full[0][1].item<double>(), 0.9, 0.05);
  EXPECT_EQ(diagonal[0][1].item<double>(), 0);
  EXPECT_TRUE(at::allclose(diagonal.diagonal(), full.diagonal()));
}

/// The objective in its own words: the log-likelihood, and half the prior times the traces of the inverse covariances.
double objective_of(const GaussianMixture& mixture, const at::Tensor& rows) {
  const double prior = std::max(1e-3 * rows.var(0, false).mean().item<double>(), 1e-6);
  double traces = 0;
  for (int64_t k = 0; k < mixture.weights.size(0); ++k) {
    traces += mixture.covariances[k].inverse().diagonal().sum().item<double>();
  }
  return log_densities(mixture, rows).sum().item<double>() - 0.5 * prior * traces;
}

class Objective : public ::testing::TestWithParam<Covariance> {};

TEST_P(Objective, NeverFalls) {
  for (const uint64_t seed : {1, 2, 3, 4, 5}) {
    const at::Tensor rows = at::randn({60, 3}, generator(seed), at::kDouble).pow(3);  // far from any mixture
    const FittedMixture fitted = fit_gaussian_mixture(rows, 6, GetParam(), generator(seed));
    const std::vector<double>& objectives = fitted.objectives;
    ASSERT_GE(objectives.size(), 2U);
    for (size_t i = 1; i < objectives.size(); ++i) {
      EXPECT_GE(objectives[i], objectives[i - 1] - 1e-9 * std::abs(objectives[i])) << "seed " << seed << ", step " << i;
    }
    EXPECT_NEAR(objectives.back(), objective_of(fitted.mixture, rows), 1e-6 * std::abs(objectives.back()));
    EXPECT_GT(objectives.back(), objectives.front());
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Objective, ::testing::Values(Covariance::Full, Covariance::Diagonal));

TEST(GaussianMixture, OfASingleRowLiesAroundIt) {
  const GaussianMixture mixture =
      fit_gaussian_mixture(doubles({0.5, -1}).view({1, 2}), 10, Covariance::Full, generator()).mixture;
  EXPECT_TRUE(at::equal(mixture.weights, doubles({1})));
  EXPECT_TRUE(at::equal(mixture.means, doubles({0.5, -1}).view({1, 2})));
  EXPECT_TRUE(at::allclose(mixture.covariances[0], 1e-6 * at::eye(2, at::kDouble)));  // the smallest prior
}

TEST(GaussianMixture, OfFewerRowsThanComponentsHasOneForEach) {
  const GaussianMixture mixture =
      sorted(fit_gaussian_mixture(doubles({-1, 0, 1}).view({3, 1}), 10, Covariance::Full, generator()).mixture);
  EXPECT_TRUE(at::allclose(mixture.weights, at::ones({3}, at::kDouble) / 3));
  EXPECT_TRUE(at::allclose(mixture.means.flatten(), doubles({-1, 0, 1}), 0, 1e-6));
  // A component of one row has the prior as its variance, a thousandth of 2/3.
  EXPECT_TRUE(at::allclose(mixture.covariances.flatten(), at::ones({3}, at::kDouble) * 2e-3 / 3))
      << mixture.covariances;
}

TEST(GaussianMixture, OfEqualRowsHasOneComponent) {
  const GaussianMixture mixture = fit_gaussian_mixture(at::ones({8, 3}), 4, Covariance::Full, generator()).mixture;
  EXPECT_TRUE(at::equal(mixture.weights, doubles({1})));
  EXPECT_TRUE(at::allclose(mixture.means, at::ones({1, 3}, at::kDouble)));
  EXPECT_TRUE(at::allclose(mixture.covariances[0], 1e-6 / 8 * at::eye(3, at::kDouble), 1e-5, 0));
}

TEST(GaussianMixture, OfRowsOnALineStaysPositiveDefinite) {
  const at::Tensor along = at::randn({200, 1}, generator(), at::kDouble);
  const GaussianMixture mixture =
      fit_gaussian_mixture(at::cat({along, along, -along}, 1), 3, Covariance::Full, generator()).mixture;
  EXPECT_TRUE(at::isfinite(log_densities(mixture, at::zeros({1, 3}))).all().item<bool>());
}

TEST(GaussianMixture, IsTheSameForTheSameSeed) {
  const at::Tensor rows = at::randn({100, 3}, generator(7), at::kDouble);
  const GaussianMixture a = fit_gaussian_mixture(rows, 4, Covariance::Full, generator(3)).mixture;
  const GaussianMixture b = fit_gaussian_mixture(rows, 4, Covariance::Full, generator(3)).mixture;
  EXPECT_TRUE(at::equal(a.means, b.means) && at::equal(a.covariances, b.covariances));
}

}  // namespace
}  // namespace weft::pix2pixhd
