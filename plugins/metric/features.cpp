#include "plugins/metric/features.h"

namespace weft::metric {

void declare(Params& p, Pooling& pooling) {
  p("pooling", pooling, "vectors of a map [B,C,H,W]: its mean over pixels, or each pixel's",
    {{"mean", Pooling::Mean}, {"positions", Pooling::Positions}});
}

at::Tensor vectors_of(const at::Tensor& features, Pooling pooling) {
  if (pooling == Pooling::Mean) return features.to(at::kDouble).mean({2, 3});
  return features.permute({0, 2, 3, 1}).reshape({-1, features.size(1)});  // [B H W, C]
}

}  // namespace weft::metric
