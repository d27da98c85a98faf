#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace weft::world {

/// Patterns that are averaged over a pixel, so that they fade to their mean where they become smaller than one.
///
/// `reach` is half the length of the pixel on the surface, in the unit of the pattern.

/// The next whole number below or at `x`.
inline int32_t whole(float x) {
  const auto towards_zero = static_cast<int32_t>(x);
  return towards_zero - (x < static_cast<float>(towards_zero) ? 1 : 0);
}

inline float between(float from, float to, float share) {
  return from + share * (to - from);
}

/// How much of [x - reach, x + reach] lies between `from` and `to`.
inline float band(float x, float reach, float from, float to) {
  const float covered = std::min(x + reach, to) - std::max(x - reach, from);
  return std::max(covered, 0.0F) / (2 * reach);
}

/// How much of [x - reach, x + reach] lies above `from`.
inline float above(float x, float reach, float from) {
  return std::clamp((x + reach - from) / (2 * reach), 0.0F, 1.0F);
}

/// How much of [x - reach, x + reach] lies between `from` and `to` of any unit interval; both are within [0, 1].
inline float pulses(float x, float reach, float from, float to) {
  const auto covered_below = [from, to](float at) {
    const auto interval = static_cast<float>(whole(at));
    return interval * (to - from) + std::clamp(at - interval, from, to);
  };
  return (covered_below(x + reach) - covered_below(x - reach)) / (2 * reach);
}

/// 1 where a pattern of `period` is well seen, 0 where its periods are smaller than pixels.
inline float visible(float reach, float period) {
  return std::clamp(1.6F - 3.2F * reach / period, 0.0F, 1.0F);
}

/// Well mixed bits of two cell numbers.
inline uint32_t cell_bits(int32_t x, int32_t y, uint32_t seed) {
  uint32_t bits = static_cast<uint32_t>(x) * 0x9E3779B1U ^ static_cast<uint32_t>(y) * 0x85EBCA77U ^ seed;
  bits = (bits ^ (bits >> 15)) * 0x2C1B3C6DU;
  bits = (bits ^ (bits >> 12)) * 0x297A2D39U;
  return bits ^ (bits >> 15);
}

/// A number of a cell, from 0 to 1.
inline float cell_number(int32_t x, int32_t y, uint32_t seed) {
  return static_cast<float>(cell_bits(x, y, seed) >> 8) * 0x1p-24F;
}

/// Hills and valleys about one unit apart, from -1 to 1.
/// @param columns  added to the column of cells, so that x may count from anywhere
inline float noise(float x, float y, uint32_t seed, int32_t columns = 0) {
  const int32_t first = whole(x), row = whole(y), column = first + columns;
  float right = x - static_cast<float>(first), up = y - static_cast<float>(row);
  right = right * right * (3 - 2 * right);
  up = up * up * (3 - 2 * up);
  const float low = between(cell_number(column, row, seed), cell_number(column + 1, row, seed), right);
  const float high = between(cell_number(column, row + 1, seed), cell_number(column + 1, row + 1, seed), right);
  return 2 * between(low, high, up) - 1;
}

}  // namespace weft::world
