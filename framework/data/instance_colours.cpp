#include "framework/data/instance_colours.h"

#include "framework/node/archive.h"
#include "framework/node/params.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/_unique2.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

namespace weft::data {

void InstanceColours::params(Params& p) {
  p("first_id", first_id,
    "the smallest id of an instance; smaller ids, which stand for whole classes as in Cityscapes, are ignored")
      .min(0);
  p("least_pixels", least_pixels, "instances with fewer pixels in a frame are ignored").min(1);
}

std::vector<InstanceColours::Seen> InstanceColours::look(const at::Tensor& image, const at::Tensor& instances) {
  std::vector<Seen> seen;
  for (int64_t sample = 0; sample < image.size(0); ++sample) {
    const auto [ids, place, counts] = at::_unique2(instances[sample].flatten(), true, /*return_inverse=*/true, true);
    const int64_t count = ids.size(0);
    const at::Tensor colours = (image[sample].detach().flatten(1).to(at::kDouble) + 1) / 2;  // [3, H*W]
    const at::Tensor sums = at::zeros({3, count}, at::kDouble).index_add_(1, place, colours);
    const auto sum = sums.accessor<double, 2>();
    for (int64_t i = 0; i < count; ++i) {
      const int64_t id = ids.const_data_ptr<int64_t>()[i], pixels = counts.const_data_ptr<int64_t>()[i];
      if (id < first_id || pixels < least_pixels) continue;
      const auto area = static_cast<double>(pixels);
      const Colour now = {sum[0][i] / area, sum[1][i] / area, sum[2][i] / area};
      const auto [found, is_new] = first_.emplace(std::pair(sample, id), now);
      seen.push_back({found->second, now, is_new});
    }
  }
  return seen;
}

at::Tensor InstanceColours::paint(const at::Tensor& instances) const {
  std::vector<at::Tensor> painted;
  for (int64_t sample = 0; sample < instances.size(0); ++sample) {
    const auto [ids, place, counts] = at::_unique2(instances[sample], true, /*return_inverse=*/true);  // [1, H, W]
    at::Tensor palette = at::zeros({4, ids.size(0)});
    auto entry = palette.accessor<float, 2>();
    for (int64_t i = 0; i < ids.size(0); ++i) {
      const auto found = first_.find({sample, ids.const_data_ptr<int64_t>()[i]});
      if (found == first_.end()) continue;
      for (int64_t channel = 0; channel < 3; ++channel)
        entry[channel][i] = static_cast<float>(found->second[static_cast<size_t>(channel)] * 2 - 1);
      entry[3][i] = 1;
    }
    painted.push_back(palette.index_select(1, place.flatten()).view({4, instances.size(2), instances.size(3)}));
  }
  return at::stack(painted);
}

void InstanceColours::state(Archive& archive) {
  // One row an instance: sample, id, colour.
  at::Tensor rows = at::empty({static_cast<int64_t>(first_.size()), 5}, at::kDouble);
  double* number = rows.mutable_data_ptr<double>();
  for (const auto& [key, colour] : first_) {
    *number++ = static_cast<double>(key.first);
    *number++ = static_cast<double>(key.second);
    for (const double channel : colour) *number++ = channel;
  }
  archive("first_colours", rows);
  rows = rows.to(at::kCPU).contiguous();
  first_.clear();
  const double* row = rows.const_data_ptr<double>();
  for (int64_t i = 0; i < rows.size(0); ++i, row += 5) {
    first_[{static_cast<int64_t>(row[0]), static_cast<int64_t>(row[1])}] = {row[2], row[3], row[4]};
  }
}

}  // namespace weft::data
