#include "plugins/estimators/tracks.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace weft::estimators {
namespace {

constexpr int64_t kNumbers = 6;
constexpr int64_t kIsFollowed = 4, kHasState = 5;
constexpr double kSameObject = 0.5;  // overlap of two regions

}  // namespace

void Tracks::begin(int64_t batch) {
  if (regions_.defined() && regions_.size(0) == batch) return;
  regions_ = at::zeros({batch, places_, kNumbers}, at::kDouble);
  filters_ = at::zeros({batch, places_, rows_, columns_}, at::kDouble);
}

bool Tracks::is_followed(int64_t sequence, int64_t place) const {
  return regions_[sequence][place][kIsFollowed].item<double>() != 0;
}

bool Tracks::has_state(int64_t sequence, int64_t place) const {
  return regions_[sequence][place][kHasState].item<double>() != 0;
}

Region Tracks::region(int64_t sequence, int64_t place) const {
  const at::Tensor row = regions_[sequence][place];
  const double* number = row.const_data_ptr<double>();
  return {number[0], number[1], number[2], number[3]};
}

void Tracks::follow(int64_t sequence, int64_t place, const Region& region, bool is_new) {
  const double has_state = !is_new && this->has_state(sequence, place) ? 1 : 0;
  regions_[sequence][place].copy_(
      at::tensor({region.x, region.y, region.size, region.angle, 1.0, has_state}, at::kDouble));
}

void Tracks::lose(int64_t sequence, int64_t place) {
  regions_[sequence][place].zero_();
}

at::Tensor Tracks::state_of(int64_t sequence, int64_t place) {
  regions_[sequence][place][kHasState].fill_(1);
  return filters_[sequence][place];
}

void Tracks::add(int64_t sequence, const std::vector<Region>& found) {
  for (const Region& region : found) {
    int64_t free = -1;
    bool is_known = false;
    for (int64_t place = places_ - 1; place >= 0; --place) {
      if (!is_followed(sequence, place))
        free = place;
      else
        is_known = is_known || overlap(this->region(sequence, place), region) > kSameObject;
    }
    if (free < 0) return;
    if (!is_known) follow(sequence, free, region, true);
  }
}

void Tracks::lose_doubles(int64_t sequence) {
  for (int64_t place = 1; place < places_; ++place) {
    for (int64_t before = 0; before < place; ++before) {
      if (is_followed(sequence, place) && is_followed(sequence, before) &&
          overlap(region(sequence, place), region(sequence, before)) > kSameObject)
        lose(sequence, place);
    }
  }
}

bool Tracks::has_free_place(int64_t sequence) const {
  for (int64_t place = 0; place < places_; ++place) {
    if (!is_followed(sequence, place)) return true;
  }
  return false;
}

void Tracks::reset() {
  regions_.reset();
  filters_.reset();
}

void Tracks::state(Archive& archive) {
  // The tensors are changed in place, so the archive has copies.
  at::Tensor regions = regions_.defined() ? regions_.clone() : at::empty({0}, at::kDouble);
  at::Tensor filters = filters_.defined() ? filters_.clone() : at::empty({0}, at::kDouble);
  archive("regions", regions);
  archive("filters", filters);
  regions_ = regions.numel() == 0 ? at::Tensor() : regions.clone();
  filters_ = filters.numel() == 0 ? at::Tensor() : filters.clone();
}

}  // namespace weft::estimators
