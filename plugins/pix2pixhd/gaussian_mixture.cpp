#include "plugins/pix2pixhd/gaussian_mixture.h"

#include "plugins/pix2pixhd/k_means.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/linalg_cholesky.h>
#include <ATen/ops/linalg_solve_triangular.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/one_hot.h>
#include <ATen/ops/unique_dim.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weft::pix2pixhd {
namespace {

constexpr int kSteps = 500;
constexpr double kGain = 1e-7;  // of the objective, for each row
constexpr double kPrior = 1e-3, kSmallestPrior = 1e-6;
constexpr double kFewestRows = 1e-10;  // of a component that still moves

/// log (weight * density) of each component at each row: [K, N].
at::Tensor joint(const GaussianMixture& mixture, const at::Tensor& rows) {
  const at::Tensor factors = at::linalg_cholesky(mixture.covariances);           // [K, F, F]
  const at::Tensor from_means = rows.unsqueeze(0) - mixture.means.unsqueeze(1);  // [K, N, F]
  const at::Tensor white = at::linalg_solve_triangular(factors, from_means.transpose(1, 2), /*upper=*/false);
  const at::Tensor log_volumes = factors.diagonal(0, 1, 2).log().sum(1, true);  // [K, 1]
  const double log_unit = 0.5 * static_cast<double>(rows.size(1)) * std::log(2 * std::numbers::pi);
  return mixture.weights.log().unsqueeze(1) - log_volumes - 0.5 * white.square().sum(1) - log_unit;
}

/// The prior's part of the objective.
double penalty(const GaussianMixture& mixture, double prior) {
  const at::Tensor factors = at::linalg_cholesky(mixture.covariances);
  const at::Tensor unit = at::eye(factors.size(1), factors.options()).expand_as(factors);
  const at::Tensor inverse = at::linalg_solve_triangular(factors, unit, /*upper=*/false);
  return 0.5 * prior * inverse.square().sum().item<double>();  // the trace of the inverse covariances
}

/// The mixture that maximises the objective where the components are responsible for the rows to these shares.
/// @param shares  [N, K], the sum of a row is 1
/// @param before  the last mixture, whose components stay where they have no rows
GaussianMixture maximised(const at::Tensor& rows, const at::Tensor& shares, const GaussianMixture& before, double prior,
                          Covariance covariance) {
  const at::Tensor counts = shares.sum(0);  // [K]
  const at::Tensor has_rows = counts > kFewestRows;
  const at::Tensor safe = at::where(has_rows, counts, 1.0);
  const at::Tensor means = at::matmul(shares.t(), rows) / safe.unsqueeze(1);  // [K, F]
  const at::Tensor from_means = rows.unsqueeze(0) - means.unsqueeze(1);       // [K, N, F]
  const at::Tensor weighted = from_means * shares.t().unsqueeze(2);
  at::Tensor scatter = at::bmm(weighted.transpose(1, 2), from_means);  // [K, F, F]
  const at::Tensor unit = at::eye(rows.size(1), rows.options());
  if (covariance == Covariance::Diagonal) scatter = scatter * unit;
  const at::Tensor covariances = (scatter + prior * unit) / safe.view({-1, 1, 1});
  return {counts / static_cast<double>(rows.size(0)), at::where(has_rows.unsqueeze(1), means, before.means),
          at::where(has_rows.view({-1, 1, 1}), covariances, before.covariances)};
}

/// Each cluster of k_means as a component.
GaussianMixture first_mixture(const at::Tensor& rows, int64_t count, double prior, Covariance covariance,
                              at::Generator generator) {
  const at::Tensor centres = k_means(rows, count, std::move(generator));                            // [K, F]
  const at::Tensor nearest = (rows.unsqueeze(1) - centres.unsqueeze(0)).square().sum(2).argmin(1);  // [N]
  const at::Tensor shares = at::one_hot(nearest, count).to(rows.scalar_type());                     // [N, K]
  const at::Tensor unit = at::eye(rows.size(1), rows.options()).expand({count, -1, -1});
  return maximised(rows, shares, {{}, centres, prior * unit}, prior, covariance);
}

}  // namespace

at::Tensor log_densities(const GaussianMixture& mixture, const at::Tensor& rows) {
  return at::logsumexp(joint(mixture, rows.to(at::kDouble)), 0);
}

FittedMixture fit_gaussian_mixture(const at::Tensor& rows, int64_t components, Covariance covariance,
                                   at::Generator generator) {
  const at::Tensor exact = rows.to(at::kDouble);
  const int64_t different = std::get<0>(at::unique_dim(exact, 0)).size(0);
  const double variance = exact.var(0, /*unbiased=*/false).mean().item<double>();
  const double prior = std::max(kPrior * variance, kSmallestPrior);
  FittedMixture fitted;
  GaussianMixture& mixture = fitted.mixture;
  mixture = first_mixture(exact, std::min(components, different), prior, covariance, std::move(generator));
  for (int step = 0; step < kSteps; ++step) {
    const at::Tensor of_components = joint(mixture, exact);            // [K, N]
    const at::Tensor of_rows = at::logsumexp(of_components, 0, true);  // [1, N]
    const double objective = of_rows.sum().item<double>() - penalty(mixture, prior);
    const bool is_first = fitted.objectives.empty();
    const double gain = is_first ? 0 : objective - fitted.objectives.back();
    fitted.objectives.push_back(objective);
    if (!is_first && gain < kGain * static_cast<double>(exact.size(0))) break;
    mixture = maximised(exact, (of_components - of_rows).exp().t(), mixture, prior, covariance);
  }
  return fitted;
}

}  // namespace weft::pix2pixhd
