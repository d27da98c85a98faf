#include "framework/nn/linear.h"

#include <ATen/ops/linear.h>

namespace weft::nn {

Linear::Linear(Module& parent, std::string name, LinearOptions options)
    : Module(parent, std::move(name)),
      weights_(*this, {.shape = {options.out, options.in},
                       .out = options.bias ? options.out : 0,
                       .spectral_norm = options.spectral_norm,
                       .weight_init = options.weight_init,
                       .bias_init = options.bias_init}) {}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return at::linear(x, weights_.weight(), weights_.bias());
}

}  // namespace weft::nn
