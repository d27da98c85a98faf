#pragma once

#include "plugins/world/figure/expression.h"

#include <cstdint>

namespace weft::world {

/// How a head is held: radians, and metres from its place.
struct HeadStance {
  double turn = 0, nod = 0, roll = 0;
  double aside = 0, up = 0, ahead = 0;
};

/// What a face does while a person talks and looks around: a function of the seed and the time alone.
class Mimic {
 public:
  explicit Mimic(uint64_t seed) : seed_(seed) {}

  /// @param seconds  any, negative ones too
  Expression face_at(double seconds) const;
  HeadStance head_at(double seconds) const;

 private:
  double speech_at(double seconds) const;
  double lids_at(double seconds) const;
  void look(double seconds, Expression& expression) const;

  uint64_t seed_;
};

}  // namespace weft::world
