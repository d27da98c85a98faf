#include "plugins/estimators/one_euro.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <numbers>

namespace weft::estimators {

at::Tensor OneEuro::begin(const at::Tensor& values) {
  return at::stack({values, values, at::zeros_like(values)});
}

at::Tensor OneEuro::next(const at::Tensor& values, const at::Tensor& state, double rate, double scale) const {
  const double step = rate / (2 * std::numbers::pi);
  at::Tensor previous = state[0], filtered = state[1], speed = state[2];
  speed.add_(((values - previous) * (rate * scale) - speed) / (1 + step / derivative_cutoff));
  const at::Tensor alpha = 1 / (1 + step / (min_cutoff + beta * speed.abs()));
  filtered.add_((values - filtered) * alpha);
  previous.copy_(values);
  return filtered.clone();
}

}  // namespace weft::estimators
