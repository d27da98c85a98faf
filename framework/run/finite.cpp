#include "framework/run/finite.h"

#include <ATen/ops/isfinite.h>
#include <ATen/ops/sum.h>

#include <cmath>

namespace weft::run {

bool has_all_finite(const at::Tensor& tensor) {
  if (!tensor.is_floating_point()) return true;
  // One pass without a second tensor. Finite numbers may have an infinite sum; then each is looked at.
  return std::isfinite(tensor.sum(at::kFloat).item<float>()) || at::isfinite(tensor).all().item<bool>();
}

bool has_all_finite(const Value& value) {
  bool all = true;
  value.visit([&](const std::string&, const at::Tensor& tensor) { all = all && has_all_finite(tensor); });
  return all;
}

}  // namespace weft::run
