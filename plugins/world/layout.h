#pragma once

#include "plugins/world/chance.h"
#include "plugins/world/road.h"

#include <cstdint>
#include <vector>

namespace weft::world {

/// A house and its ground, between two places along the street.
struct Lot {
  int64_t index = 0;        ///< its own on its side of the street
  double from = 0, to = 0;  ///< along the street
  double side = 1;          ///< 1 on the left, -1 on the right
};

/// The layout of the street, from hashes of a seed: crossing streets about every 80 metres, and blocks of
/// houses or a park between them. Junction k is before block k.
class Layout {
 public:
  static constexpr double kSpacing = 80;

  explicit Layout(uint64_t seed) : seed_(seed) {}

  uint64_t seed() const { return seed_; }
  /// The middle of a crossing street.
  double junction(int64_t k) const;
  /// The block in which a place lies, junction included.
  int64_t block_at(double along) const;

  /// Where houses stand in a block.
  double block_from(int64_t k) const { return junction(k) + kSideHouseLine; }
  double block_to(int64_t k) const { return junction(k + 1) - kSideHouseLine; }
  bool has_park(int64_t block, double side) const;
  bool has_trees(int64_t block, double side) const;
  std::vector<Lot> lots(int64_t block, double side) const;

 private:
  uint64_t seed_;
};

/// A number of its own for each side of a block.
inline int64_t sided(int64_t index, double side) {
  return 2 * index + (side > 0 ? 1 : 0);
}

}  // namespace weft::world
