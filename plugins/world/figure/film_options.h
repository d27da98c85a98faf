#pragma once

#include <cstdint>

namespace weft::world {

constexpr double kFramesPerSecond = 25;

/// What tells one film of a person from another.
struct FilmOptions {
  uint64_t seed = 0;      ///< of the camera's place
  uint64_t identity = 0;  ///< who, in which studio
  uint64_t motion = 0;    ///< what the person does
  int height = 0, width = 0;
};

}  // namespace weft::world
