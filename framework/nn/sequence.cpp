#include "framework/nn/sequence.h"

namespace weft::nn {

Sequence& Sequence::then(Step step) {
  steps_.push_back(std::move(step));
  return *this;
}

at::Tensor Sequence::operator()(at::Tensor x) const {
  for (const Step& step : steps_) x = step(x);
  return x;
}

}  // namespace weft::nn
