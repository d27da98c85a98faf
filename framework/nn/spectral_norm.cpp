#include "framework/nn/spectral_norm.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/dot.h>
#include <ATen/ops/mv.h>
#include <c10/core/GradMode.h>

#include <cmath>

namespace weft::nn {
namespace {

constexpr double kSmallest = 1e-12;

Init bias_init(const ConvOptions& options) {
  return Init::uniform(1.0 / std::sqrt(static_cast<double>(options.in * options.kernel * options.kernel)));
}

at::Tensor normalised(const at::Tensor& vector) {
  return vector / vector.norm().clamp_min(kSmallest);
}

}  // namespace

SpectralConv2d::SpectralConv2d(Module& parent, std::string name, ConvOptions options)
    : Module(parent, std::move(name)),
      options_(options),
      bias_(options.bias ? std::optional<Parameter>(std::in_place, *this, "bias", std::vector<int64_t>{options.out},
                                                    bias_init(options))
                         : std::nullopt),
      weight_(*this, "weight_orig", {options.out, options.in, options.kernel, options.kernel}, Init::normal(0, 0.02)),
      u_(*this, "weight_u", {options.out}, Init::unit_normal(), Parameter::Role::Statistic),
      v_(*this, "weight_v", {options.in * options.kernel * options.kernel}, Init::unit_normal(),
         Parameter::Role::Statistic) {}

at::Tensor SpectralConv2d::weight() const {
  const at::Tensor matrix = weight_->reshape({options_.out, -1}).to(u_->scalar_type());  // [out, in k k]
  if (is_training()) {
    const c10::NoGradGuard no_gradients;
    v_->copy_(normalised(at::mv(matrix.t(), *u_)));
    u_->copy_(normalised(at::mv(matrix, *v_)));
  }
  // Copies: the next call changes the vectors before this one's gradients are taken.
  const at::Tensor u = u_->clone(), v = v_->clone();
  const at::Tensor largest = at::dot(u, at::mv(matrix, v));
  return *weight_ / largest.to(weight_->scalar_type());
}

at::Tensor SpectralConv2d::operator()(const at::Tensor& x) const {
  return at::conv2d(x, weight(), bias_ ? std::optional<at::Tensor>(**bias_) : std::nullopt, options_.stride,
                    options_.padding);
}

}  // namespace weft::nn
