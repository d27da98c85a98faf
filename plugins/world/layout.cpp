#include "plugins/world/layout.h"

#include <cmath>

namespace weft::world {

double Layout::junction(int64_t k) const {
  return kSpacing * (static_cast<double>(k) + 0.6) + Chance(seed_, Matter::Junction, k).between(-9, 9);
}

int64_t Layout::block_at(double along) const {
  auto k = static_cast<int64_t>(std::floor(along / kSpacing - 0.6));
  while (junction(k + 1) <= along) ++k;
  while (junction(k) > along) --k;
  return k;
}

bool Layout::has_park(int64_t block, double side) const {
  return Chance(seed_, Matter::Block, sided(block, side)).happens(0.14);
}

bool Layout::has_trees(int64_t block, double side) const {
  return Chance(seed_, Matter::Block, sided(block, side), 1).happens(0.65);
}

std::vector<Lot> Layout::lots(int64_t block, double side) const {
  const double from = block_from(block), to = block_to(block);
  const auto count = std::max<int64_t>(std::llround((to - from) / 12.5), 1);
  std::vector<double> widths;
  double sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    widths.push_back(Chance(seed_, Matter::Block, sided(block, side), 2 + i).between(0.75, 1.3));
    sum += widths.back();
  }
  std::vector<Lot> lots;
  double here = from;
  for (int64_t i = 0; i < count; ++i) {
    const double next = here + (to - from) * widths[static_cast<size_t>(i)] / sum;
    lots.push_back({block * 12 + i, here, next, side});
    here = next;
  }
  return lots;
}

}  // namespace weft::world
