#include "framework/data/draws.h"

#include "framework/base/seed.h"

#include <cmath>
#include <numbers>

namespace weft::data {

uint64_t Draws::next() {
  const uint64_t number = splitmix64(state_);
  state_ += 0x9E3779B97F4A7C15;  // the step of the splitmix64 sequence
  return number;
}

int64_t Draws::between(int64_t least, int64_t most) {
  if (most <= least) return least;
  // Ranges are far smaller than 64 bits, so the rest of the division favours no number that one could notice.
  return least + static_cast<int64_t>(next() % (static_cast<uint64_t>(most - least) + 1));
}

/// Above 0, up to 1.
double Draws::fraction() {
  return static_cast<double>((next() >> 11) + 1) * 0x1p-53;
}

double Draws::normal() {
  const double length = std::sqrt(-2 * std::log(fraction()));
  return length * std::cos(2 * std::numbers::pi * fraction());
}

}  // namespace weft::data
