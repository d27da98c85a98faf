#include "framework/nn/one_hot.h"

#include "framework/nn/one_hot_form.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/upsample_nearest2d.h>

#include <atomic>
#include <cassert>
#include <numeric>

namespace weft::nn {

namespace {

std::atomic<bool> ids_are_kept = true;

}  // namespace

OneHot::OneHot(at::Tensor ids, std::vector<int64_t> channels, at::ScalarType type)
    : ids_(std::move(ids)),
      channels_(std::move(channels)),
      type_(type),
      sizes_{ids_.size(0), std::accumulate(channels_.begin(), channels_.end(), int64_t{0}), ids_.size(2),
             ids_.size(3)} {
  assert(ids_.scalar_type() == at::kShort && ids_.size(1) == static_cast<int64_t>(channels_.size()));
}

const at::Tensor& OneHot::map() const {
  std::call_once(is_made_, [this] {
    const auto of_group = [&](size_t group) {  // [B, H, W, channels of the group]
      const at::Tensor ids = ids_.select(1, static_cast<int64_t>(group));
      if (channels_[group] == 1) return (ids == 0).to(type_).unsqueeze(3);
      // Copying rows of a unit matrix writes the result once; scattering ones into zeros is several times slower.
      return at::eye(channels_[group] + 1, channels_[group], ids_.options().dtype(type_))
          .index_select(0, ids.flatten().to(at::kInt))
          .view({sizes_[0], sizes_[2], sizes_[3], channels_[group]});
    };
    if (channels_.size() == 1) {
      map_ = of_group(0).permute({0, 3, 1, 2});
      return;
    }
    const at::Tensor rows = at::empty({sizes_[0], sizes_[2], sizes_[3], sizes_[1]}, ids_.options().dtype(type_));
    int64_t first = 0;
    for (size_t group = 0; group < channels_.size(); ++group) {
      rows.narrow(3, first, channels_[group]).copy_(of_group(group));
      first += channels_[group];
    }
    map_ = rows.permute({0, 3, 1, 2});
  });
  return map_;
}

MapOrIds one_hot(const at::Tensor& ids, std::vector<int64_t> channels, at::ScalarType type) {
  auto made = std::make_shared<const OneHot>(ids, std::move(channels), type);
  return ids.is_cpu() && ids_are_kept ? MapOrIds(std::move(made)) : MapOrIds(made->map());
}

void keep_ids(bool are_kept) {
  ids_are_kept = are_kept;
}

std::shared_ptr<const OneHot> concatenated(const std::vector<std::shared_ptr<const OneHot>>& maps) {
  if (maps.size() == 1) return maps.front();
  std::vector<at::Tensor> ids;
  std::vector<int64_t> channels;
  for (const auto& map : maps) {
    ids.push_back(map->ids());
    channels.insert(channels.end(), map->channels().begin(), map->channels().end());
  }
  return std::make_shared<const OneHot>(at::cat(ids, 1), std::move(channels), maps.front()->type());
}

std::shared_ptr<const OneHot> resized(const OneHot& map, int64_t height, int64_t width) {
  // LibTorch has this operator for no int16; float holds every id.
  const at::Tensor ids = at::upsample_nearest2d(map.ids().to(at::kFloat), {height, width}).to(at::kShort);
  return std::make_shared<const OneHot>(ids, map.channels(), map.type());
}

}  // namespace weft::nn
