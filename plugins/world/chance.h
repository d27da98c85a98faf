#pragma once

#include "framework/base/seed.h"

#include <cstddef>
#include <cstdint>

namespace weft::world {

/// The purpose of random numbers: each purpose has numbers of its own.
enum class Matter : uint64_t {
  Road = 1,
  Drive,
  Junction,
  Block,
  Building,
  Furniture,
  Tree,
  ParkedCar,
  MovingCar,
  Walker,
  Crossing,
  Look,
  Identity,
  Motion,
  View,
  Driver,
};

/// Random numbers for one purpose: a function of seed, matter and index, independent of earlier numbers.
class Chance {
 public:
  Chance(uint64_t seed, Matter matter, int64_t index, int64_t part = 0)
      : state_(derive_seed(derive_seed(derive_seed(seed, static_cast<uint64_t>(matter)), static_cast<uint64_t>(index)),
                           static_cast<uint64_t>(part))) {}

  uint64_t bits() { return state_ = splitmix64(state_); }
  /// At least `from`, below `to`.
  double between(double from, double to) { return from + (to - from) * static_cast<double>(bits() >> 11) * 0x1p-53; }
  bool happens(double probability) { return between(0, 1) < probability; }
  /// One of `count` things: 0 … count-1.
  size_t pick(size_t count) { return static_cast<size_t>(bits() % count); }
  /// -1 or 1.
  double sign() { return happens(0.5) ? 1 : -1; }

 private:
  uint64_t state_;
};

/// `number` modulo `count`, never negative.
inline int64_t wrapped(int64_t number, int64_t count) {
  return ((number % count) + count) % count;
}

}  // namespace weft::world
