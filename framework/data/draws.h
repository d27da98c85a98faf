#pragma once

#include <cstdint>

namespace weft::data {

/// Random numbers from a seed, the same on every machine.
class Draws {
 public:
  explicit Draws(uint64_t seed) : state_(seed) {}

  /// A whole number from `least` to `most`, both of them included; `least` when `most` is smaller.
  int64_t between(int64_t least, int64_t most);
  bool coin() { return between(0, 1) == 1; }
  /// Normally distributed, by the method of Box and Muller.
  double normal();

 private:
  uint64_t next();
  double fraction();

  uint64_t state_;
};

}  // namespace weft::data
