#include "plugins/metric/moments.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::metric {

void Moments::add(const at::Tensor& vectors) {
  const at::Tensor x = vectors.detach().to(at::kCPU, at::kDouble);
  if (x.size(0) == 0) return;
  if (!first_.defined()) {
    dimensions_ = x.size(1);
    if (dimensions_ > kMostNumbers) {
      throw Error(Exit::Graph,
                  text("the features are vectors of ", dimensions_, " numbers; the limit is ", kMostNumbers))
          .hint("reduce them, for example by pooling = \"mean\"");
    }
    first_ = x[0].clone();
  }
  if (x.size(1) != dimensions_) {
    throw Error(Exit::Graph,
                text("the features are vectors of ", x.size(1), " numbers, but those before were of ", dimensions_));
  }
  const int64_t total = count_ + x.size(0);
  if (!products_.defined() && total <= dimensions_) {
    if (!rows_.defined() || rows_.size(0) < total) {
      const at::Tensor wider = at::empty({std::min(dimensions_, 2 * total), dimensions_}, at::kDouble);
      if (count_ > 0) wider.narrow(0, 0, count_).copy_(kept());
      rows_ = wider;
    }
    rows_.narrow(0, count_, x.size(0)).copy_(x);
  } else {
    if (!products_.defined()) {
      sum_ = at::zeros({dimensions_}, at::kDouble);
      products_ = at::zeros({dimensions_, dimensions_}, at::kDouble);
      if (count_ > 0) fold(kept());
      rows_.reset();
    }
    fold(x);
  }
  count_ = total;
}

void Moments::fold(const at::Tensor& vectors) {
  const at::Tensor shifted = vectors - first_;
  sum_ += shifted.sum(0);
  products_.addmm_(shifted.t(), shifted);
}

at::Tensor Moments::mean() const {
  return products_.defined() ? first_ + sum_ / static_cast<double>(count_) : kept().mean(0);
}

std::optional<at::Tensor> Moments::centred() const {
  if (products_.defined() || count_ == 0) return {};
  return kept() - kept().mean(0);
}

at::Tensor Moments::scatter() const {
  if (const auto rows = centred()) return rows->t().matmul(*rows);
  return products_ - sum_.outer(sum_) / static_cast<double>(count_);
}

}  // namespace weft::metric
