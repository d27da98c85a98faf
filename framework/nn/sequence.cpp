#include "framework/nn/sequence.h"

namespace weft::nn {

Sequence& Sequence::then(Step step) {
  steps_.push_back(std::move(step));
  return *this;
}

at::Tensor Sequence::part(at::Tensor x, size_t first, size_t end) const {
  for (size_t index = first; index < end; ++index) x = steps_[index](x);
  return x;
}

}  // namespace weft::nn
