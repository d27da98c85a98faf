#include "plugins/pix2pixhd/region_samples.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <vector>

namespace weft::pix2pixhd {
namespace {

constexpr int64_t kIdsOfClass = 1000, kAreasOfImage = 32;

}  // namespace

int64_t class_of(int64_t id) {
  return id < kIdsOfClass ? id : id / kIdsOfClass;
}

std::map<int64_t, at::Tensor> region_samples(const at::Tensor& features, const at::Tensor& instances) {
  const at::Tensor flat = features.detach().to(at::kCPU, at::kFloat).flatten(1);    // [F, H*W]
  const at::Tensor ids = instances.to(at::kCPU, at::kLong).contiguous().flatten();  // [H*W]
  const double unit = static_cast<double>(std::max<int64_t>(ids.numel() / kAreasOfImage, 1));
  std::map<int64_t, std::vector<int64_t>> pixels;
  const int64_t* const id = ids.data_ptr<int64_t>();
  for (int64_t pixel = 0; pixel < ids.numel(); ++pixel) pixels[id[pixel]].push_back(pixel);
  std::map<int64_t, std::vector<at::Tensor>> rows;
  for (const auto& [region, own] : pixels) {
    const auto count = static_cast<double>(own.size());
    const at::Tensor area = at::full({1}, count / unit, flat.options());
    rows[class_of(region)].push_back(at::cat({flat.select(1, own[own.size() / 2]), area}));  // [F + 1]
  }
  std::map<int64_t, at::Tensor> by_class;
  for (const auto& [of, all] : rows) by_class[of] = at::stack(all);
  return by_class;
}

}  // namespace weft::pix2pixhd
