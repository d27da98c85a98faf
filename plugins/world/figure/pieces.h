#pragma once

#include <cstdint>

namespace weft::world {

/// What a triangle of a figure is a part of.
enum class Piece : uint8_t {
  Head,  ///< with the neck
  Ear,
  LeftEye,
  RightEye,
  Mouth,  ///< the dark behind lips and teeth
  UpperTeeth,
  LowerTeeth,
  Tongue,
  Hair,
  Torso,
  LeftArm,
  RightArm,
  LeftHand,
  RightHand,
  LeftLeg,
  RightLeg,
  Skirt,
  LeftShoe,
  RightShoe,
};

}  // namespace weft::world
