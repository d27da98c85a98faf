#pragma once

#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/identity.h"

namespace weft::world {

/// A place on a face, as face.labels counts them, and more.
enum class FacePart : uint8_t { None, Skin, Brows, Nose, Eyes, Lips, Mouth, Hair, Neck, Clothes };

/// The colour of a surface, and how it takes the light.
struct Sheen {
  Colour albedo;
  float gloss = 0;      ///< strength of the highlight
  float hardness = 20;  ///< its exponent
  float soft = 0;       ///< light that goes round edges, as in skin
  float open = 1;       ///< share of the light from everywhere that comes through
};

/// Skin with brows, lips and stubble, on the model of the head.
Sheen face_sheen(const Identity& person, const Spotted& place);
/// The ball of an eye.
Sheen eye_sheen(const Identity& person, const Spotted& place);
/// Strands along the height.
Sheen hair_sheen(const Identity& person, const Spotted& place);
/// Teeth, tongue, and the dark behind them.
Sheen mouth_sheen(const Spotted& place);

/// The part of a face at a place on the head.
FacePart face_part(const Identity& person, const Spotted& place);

}  // namespace weft::world
