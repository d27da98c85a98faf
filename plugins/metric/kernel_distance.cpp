#include "plugins/metric/kernel_distance.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>

namespace weft::metric {
namespace {

double number(const at::Tensor& tensor) {
  return tensor.item<double>();
}

at::Tensor values(const at::Tensor& x, const at::Tensor& y, const PolynomialKernel& kernel) {
  const double gamma = kernel.gamma.value_or(1.0 / static_cast<double>(x.size(1)));
  return (x.matmul(y.t()) * gamma + kernel.coefficient).pow(kernel.degree);
}

/// The mean over pairs of one set.
double within(const at::Tensor& x, const PolynomialKernel& kernel, Estimator estimator) {
  const at::Tensor k = values(x, x, kernel);
  const auto n = static_cast<double>(x.size(0));
  if (estimator == Estimator::Biased) return number(k.sum()) / (n * n);
  return number(k.sum() - k.diagonal().sum()) / (n * (n - 1));
}

}  // namespace

double kernel_distance(const at::Tensor& x, const at::Tensor& y, const PolynomialKernel& kernel, Estimator estimator) {
  const at::Tensor a = x.to(at::kDouble), b = y.to(at::kDouble);
  return within(a, kernel, estimator) + within(b, kernel, estimator) - 2 * number(values(a, b, kernel).mean());
}

SubsetDistance kernel_distance_of_subsets(const at::Tensor& x, const at::Tensor& y, const PolynomialKernel& kernel,
                                          int64_t subsets, int64_t size, at::Generator generator) {
  SubsetDistance result{.subsets = subsets, .size = std::min({size, x.size(0), y.size(0)})};
  const auto drawn = [&](const at::Tensor& set) {
    return set.index_select(0, at::randperm(set.size(0), generator, at::kLong).narrow(0, 0, result.size));
  };
  double sum = 0, squares = 0;
  for (int64_t i = 0; i < subsets; ++i) {
    const double distance = kernel_distance(drawn(x), drawn(y), kernel, Estimator::Unbiased);
    sum += distance;
    squares += distance * distance;
  }
  const auto n = static_cast<double>(subsets);
  result.mean = sum / n;
  result.deviation = n > 1 ? std::sqrt(std::max(0.0, (squares - sum * sum / n) / (n - 1))) : 0;
  return result;
}

}  // namespace weft::metric
