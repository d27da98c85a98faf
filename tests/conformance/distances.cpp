#include "framework/base/error.h"
#include "plugins/metric/frechet.h"
#include "plugins/metric/kernel_distance.h"
#include "tests/conformance/cases.h"
#include "tests/conformance/rules.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>

namespace weft::conformance {
namespace {

using metric::Divisor;
using metric::Estimator;
using metric::Moments;

at::Tensor value_of(double number) {
  return at::tensor(std::vector<double>{number}, at::kDouble);
}

Moments moments_of(const at::Tensor& vectors) {
  Moments moments;
  moments.add(vectors);
  return moments;
}

/// The distance from the two covariances, whatever the number of vectors.
double by_covariances(const Moments& a, const Moments& b) {
  const at::Tensor first = a.scatter() / static_cast<double>(a.count() - 1);
  const at::Tensor second = b.scatter() / static_cast<double>(b.count() - 1);
  const metric::Frechet found = frechet(a, b);
  return found.mean_term + found.trace1 + found.trace2 - 2 * metric::root_trace_of(first, second);
}

/// "1.3*inp('b') @ (I + 0.25*inp('mix')^T) + 0.2".
at::Tensor mixed(const Fixture& fixture, const std::string& set) {
  const auto rule = fixture.config().at(set).get<std::string>();
  const at::Tensor mix = fixture.input("mix").to(at::kDouble);
  const at::Tensor turned = rule.find("^T") == std::string::npos ? mix : mix.t();
  const at::Tensor by = at::eye(mix.size(0), mix.options()) + factor_before(fixture, set, "inp('mix')") * turned;
  const at::Tensor vectors = factor_before(fixture, set, "inp('" + set + "')") * fixture.input(set).to(at::kDouble);
  const double shift = rule.ends_with(")") ? 0 : number_after(fixture, set, "\\) \\+");
  return vectors.matmul(by) + shift;
}

Tensors compare_sets(const Fixture& fixture) {
  const at::Tensor first = mixed(fixture, "a"), second = mixed(fixture, "b");
  const Moments a = moments_of(first), b = moments_of(second);
  const metric::Frechet found = frechet(a, b);
  const auto kernel = [&](std::optional<double> gamma, Estimator estimator) {
    return value_of(kernel_distance(first, second, {.gamma = gamma}, estimator));
  };
  return {{"fd_eigh", value_of(by_covariances(a, b))},
          {"fd_gram", value_of(found.distance)},
          {"fd_scipy_sqrtm", value_of(found.distance)},
          {"fd_biased_cov", value_of(frechet(a, b, Divisor::Count).distance)},
          {"mean_term", value_of(found.mean_term)},
          {"trace1", value_of(found.trace1)},
          {"trace2", value_of(found.trace2)},
          {"tr_sqrt", value_of(found.root_trace)},
          {"fd_self", value_of(frechet(a, a).distance)},
          {"mu1", a.mean()},
          {"cov1", a.scatter() / static_cast<double>(a.count() - 1)},
          {"kd_gamma1_over_d", kernel({}, Estimator::Unbiased)},
          {"kd_gamma1", kernel(1, Estimator::Unbiased)},
          {"kd_biased_gamma1_over_d", kernel({}, Estimator::Biased)}};
}

/// A set whose first two columns occur twice, and with two columns of a constant.
at::Tensor degenerate(const Fixture& fixture, const std::string& set) {
  const auto rule = fixture.config().at(set).get<std::string>();
  const bool is_ones = rule.find("two one columns") != std::string::npos;
  const bool is_known = rule.find("first two columns again") != std::string::npos &&
                        (is_ones || rule.find("two zero columns") != std::string::npos);
  if (!is_known) throw Error(Exit::Data, Place{fixture.file()}, "its sets are made by an unknown rule");
  const at::Tensor x = fixture.input(set).to(at::kDouble);
  const at::Tensor constant = is_ones ? at::ones({x.size(0), 2}, x.options()) : at::zeros({x.size(0), 2}, x.options());
  return at::cat({x, x.narrow(1, 0, 2), constant}, 1);
}

Tensors compare_degenerate(const Fixture& fixture) {
  const Moments a = moments_of(degenerate(fixture, "a")), b = moments_of(degenerate(fixture, "b"));
  const at::Tensor s = fixture.input("s").to(at::kDouble);
  const at::Tensor t = factor_before(fixture, "scalar", "inp('t'") * fixture.input("t").to(at::kDouble) +
                       number_after(fixture, "scalar", "\\]\\)\\+");
  const Moments of_s = moments_of(s), of_t = moments_of(t);
  const auto deviation = [](const Moments& set) {
    return std::sqrt(set.scatter().item<double>() / static_cast<double>(set.count() - 1));
  };
  const double means = (of_s.mean() - of_t.mean()).item<double>(), deviations = deviation(of_s) - deviation(of_t);
  return {{"fd_eigh", value_of(by_covariances(a, b))},
          {"fd_gram", value_of(frechet(a, b).distance)},
          {"fd_scalar", value_of(frechet(of_s, of_t).distance)},
          {"fd_scalar_closed", value_of(means * means + deviations * deviations)}};
}

/// Roots of what rounding leaves of zero eigenvalues: a hundred-thousandth of the distance; a set is 0 ± 1e-5 from itself.
Tolerance of_distances(const Fixture& fixture, const std::string& output) {
  const double largest = fixture.stored(output).abs().max().item<double>();
  const bool is_self = output == "fd_self";
  return {Tolerance::Measure::Largest, is_self ? 1e-5 : 1e-5 * largest + 1e-9};
}

}  // namespace

void add_distance_cases(Cases& cases) {
  cases["Frechet / kernel distance"] = {compare_sets, of_distances};
  cases["Frechet"] = {compare_degenerate, of_distances};
}

}  // namespace weft::conformance
