#include "framework/nn/spectral_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/mv.h>
#include <c10/core/GradMode.h>

namespace weft::nn {
namespace {

constexpr double kSmallest = 1e-12;

at::Tensor normalised(const at::Tensor& vector) {
  return vector / vector.norm().clamp_min(kSmallest);
}

}  // namespace

SpectralNorm::SpectralNorm(Module& owner, const std::vector<int64_t>& shape, int64_t rows, Init init)
    : owner_(owner),
      rows_(rows),
      weight_(owner, "weight_orig", shape, init),
      u_(owner, "weight_u", {shape[static_cast<size_t>(rows)]}, Init::unit_normal(), Parameter::Role::Statistic),
      v_(owner, "weight_v", {weight_.count() / u_.count()}, Init::unit_normal(), Parameter::Role::Statistic) {}

at::Tensor SpectralNorm::operator()() const {
  const at::Tensor matrix =
      weight_->transpose(0, rows_).reshape({u_.count(), -1}).to(u_->scalar_type());  // [rows, columns]
  if (owner_.is_training()) {
    const c10::NoGradGuard no_gradients;
    v_->copy_(normalised(at::mv(matrix.t(), *u_)));
    u_->copy_(normalised(at::mv(matrix, *v_)));
  }
  // Copies: the next call changes the vectors before this one's gradients are taken.
  const at::Tensor u = u_->clone(), v = v_->clone();
  const at::Tensor largest = at::dot(u, at::mv(matrix, v));
  return *weight_ / largest.to(weight_->scalar_type());
}

}  // namespace weft::nn
