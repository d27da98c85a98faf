#include "framework/vision/region_mean.h"

#include "framework/nn/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

namespace weft::vision {

at::Tensor region_mean(const at::Tensor& values, const at::Tensor& ids) {
  const int64_t batch = values.size(0), channels = values.size(1);
  // Ids of different samples are different regions.
  const at::Tensor samples = at::arange(batch, ids.options().dtype(at::kLong)).view({batch, 1, 1, 1});
  const at::Tensor own = ids.to(at::kLong);
  const at::Tensor global = (own - own.min()) * batch + samples;
  const at::Tensor region =
      std::get<1>(at::_unique(global, /*sorted=*/true, /*return_inverse=*/true)).flatten();  // [B*H*W]
  const int64_t regions = region.max().item<int64_t>() + 1;
  const at::Tensor flat = nn::widened(values).permute({0, 2, 3, 1}).reshape({-1, channels});  // [B*H*W, C]
  const at::Tensor sums = at::zeros({regions, channels}, flat.options()).index_add(0, region, flat);
  const at::Tensor counts =
      at::zeros({regions}, flat.options()).index_add(0, region, at::ones_like(region, flat.options()));
  const at::Tensor means = sums / counts.unsqueeze(1);
  return means.index_select(0, region)
      .view({batch, values.size(2), values.size(3), channels})
      .permute({0, 3, 1, 2})
      .to(values.scalar_type());
}

}  // namespace weft::vision
