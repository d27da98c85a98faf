#pragma once

#include "plugins/world/figure/bones.h"

#include <cstdint>

namespace weft::world {

/// Walks, turns, sways and waves, phrase after phrase of eight beats, without end.
///
/// Feet stand where they land until they step again. What a body does is a function of the seed and the time alone, in
/// units of nobody's body, so that every person can do it.
class Dance {
 public:
  explicit Dance(uint64_t seed);

  /// @param seconds  any, negative ones too
  Stance at(double seconds) const;

 private:
  struct Course {
    Point place;
    double heading;
  };
  struct Manner;

  int64_t phrase_of(double beat) const;
  Manner manner_of(int64_t phrase) const;
  Manner manner_at(double beat) const;
  Course stop(int64_t number) const;
  Course course_in(int64_t phrase, double beat) const;
  Course course_at(double beat) const;
  FootStance landing(int64_t beat) const;
  FootStance foot_at(double beat, size_t side) const;
  ArmStance arm_in(int64_t phrase, double beat, size_t side) const;
  ArmStance arm_at(double beat, size_t side) const;
  void set_trunk(double beat, Stance& stance) const;

  uint64_t seed_;
  double beats_per_second_, first_beat_;
};

}  // namespace weft::world
