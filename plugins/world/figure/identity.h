#pragma once

#include "plugins/world/colour.h"

#include <cstdint>

namespace weft::world {

/// How a piece of cloth is coloured.
enum class Pattern : uint8_t { Plain, Hoops, Pinstripes, Checks, Dots, Halves, Emblem, Knit };

struct Cloth {
  Pattern pattern = Pattern::Plain;
  Colour main, second;
  float step = 0.08F;  ///< metres from one stripe to the next
  uint32_t seed = 0;
};

enum class Bottom : uint8_t { Trousers, Shorts, Skirt, Dress };
enum class Hair : uint8_t { Short, Crop, Bob, Long, Bun, Curls, Bald, Parting };

/// The shape of a head, as factors about 1.
struct HeadShape {
  double width = 1, jaw = 1, chin = 1, nose = 1, eyes = 1, lips = 1, brows = 1, cheeks = 1;
  double eye_tilt = 0;  ///< metres by which the outer corner is higher
};

/// A person: build, clothes, face and hair.
struct Identity {
  double height = 1.75;  ///< metres
  double stout = 1;      ///< factor of all girths
  double shoulders = 1, hips = 1, bust = 1, legs = 1, head = 1;
  HeadShape face;

  Colour skin, lips, iris, hair_colour, brow_colour;
  Hair hair = Hair::Short;
  float stubble = 0;
  uint32_t seed = 0;

  Bottom bottom = Bottom::Trousers;
  float sleeves = 1;   ///< 0: none, 1: to the elbow, 2: to the wrist
  float hem = 1.9F;    ///< how far down legs are covered: 1 to the knee, 2 to the ankle
  double flare = 0.0;  ///< of the hem
  Cloth top, below;
  Colour shoes, soles, belt;
};

/// The studio behind a person, and its light.
struct Studio {
  Colour wall, wall_second, floor, floor_second;
  enum class Wall : uint8_t { Plain, Panels, Bricks, Window, Stripes, Shelves };
  enum class Floor : uint8_t { Plain, Boards, Tiles };
  Wall wall_pattern = Wall::Plain;
  Floor floor_pattern = Floor::Plain;
  Colour key, above, beneath;             ///< light of the lamp, from the ceiling and from the floor
  double bearing = 0.6, elevation = 0.8;  ///< of the lamp as seen from the person: radians to the camera's left, and up
  uint32_t seed = 0;
};

/// Every number is another person. The first dozen differ in hair, clothes, skin and studio alike.
Identity identity_of(uint64_t number);
Studio studio_of(uint64_t number);

}  // namespace weft::world
