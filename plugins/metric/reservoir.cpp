#include "plugins/metric/reservoir.h"

#include <ATen/ops/empty.h>

#include <algorithm>

namespace weft::metric {

void Reservoir::add(const at::Tensor& vectors) {
  const at::Tensor x = vectors.detach().to(at::kCPU, at::kFloat);
  for (int64_t i = 0; i < x.size(0); ++i) {
    const int64_t place = count_ < capacity_ ? count_ : std::uniform_int_distribution<int64_t>(0, count_)(random_);
    ++count_;
    if (place >= capacity_) continue;
    if (!rows_.defined() || rows_.size(0) <= place) {
      const at::Tensor wider = at::empty({std::min(capacity_, 2 * (place + 1)), x.size(1)}, at::kFloat);
      if (rows_.defined()) wider.narrow(0, 0, rows_.size(0)).copy_(rows_);
      rows_ = wider;
    }
    rows_[place].copy_(x[i]);
  }
}

at::Tensor Reservoir::vectors() const {
  return rows_.defined() ? rows_.narrow(0, 0, std::min(count_, capacity_)) : at::Tensor();
}

}  // namespace weft::metric
