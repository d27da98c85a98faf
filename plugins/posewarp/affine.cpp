#include "plugins/posewarp/affine.h"

#include <ATen/ops/tensor.h>

#include <cmath>

namespace weft::posewarp {

Affine Affine::rotation(double angle) {
  return {std::cos(angle), -std::sin(angle), 0, std::sin(angle), std::cos(angle), 0};
}

Affine Affine::then(const Affine& next) const {
  return {next.a * a + next.b * d, next.a * b + next.b * e, next.a * c + next.b * f + next.c,
          next.d * a + next.e * d, next.d * b + next.e * e, next.d * c + next.e * f + next.f};
}

at::Tensor View::numbers() const {
  return at::tensor({places.a, places.b, places.c, places.d, places.e, places.f, saturation, is_flipped ? 1.0 : 0.0},
                    at::kDouble);
}

}  // namespace weft::posewarp
