#pragma once

#include "plugins/world/colour.h"
#include "plugins/world/geometry.h"

#include <cstddef>
#include <cstdint>

namespace weft::world {

/// The label ids of Cityscapes that the street has.
enum class Label : uint8_t {
  Road = 7,
  Pavement = 8,
  Building = 11,
  Pole = 17,
  TrafficLight = 19,
  TrafficSign = 20,
  Vegetation = 21,
  Terrain = 22,
  Sky = 23,
  Person = 24,
  Car = 26,
  Truck = 27,
  Bus = 28,
};

/// The id of one of many things of a class, as Cityscapes' files write it; it comes again after a thousand things.
constexpr int32_t instance_id(Label label, int64_t index) {
  return static_cast<int32_t>(label) * 1000 + static_cast<int32_t>(((index % 1000) + 1000) % 1000);
}

/// How the colour of a surface follows from the place on it.
enum class Material : uint8_t {
  Sky,
  Road,
  Paving,
  Lawn,
  Plain,   ///< one colour
  Facade,  ///< windows in rows
  Wall,    ///< a house's side
  Tiles,   ///< a roof
  Awning,  ///< stripes
  VehicleSide,
  VehicleFront,
  VehicleRear,
  VehicleGlass,
  Wheel,
  Crate,    ///< the closed box of a lorry
  Round,    ///< a cylinder or a ball
  Foliage,  ///< a ball of leaves
  Hedge,
  Sign,
  Light,  ///< shines by itself
};

/// How far away the sky is said to be, in metres. It moves as if it were endlessly far.
constexpr float kSkyDepth = 1000;

struct HouseStyle;

/// The material of a part of an object, and its class.
struct Skin {
  Material material = Material::Plain;
  Label label = Label::Building;
  int32_t instance = 0;  ///< the label itself where the class has no instances
  uint32_t seed = 0;
  Colour main, trim, accent;
  float outwards_sun = 0,
        outwards_up = 0;              ///< of a ball of leaves: cosines of the way to it from the middle of the crown
  float glow = 0;                     ///< light of its own, as a multiple of `accent`
  const HouseStyle* house = nullptr;  ///< of façades
};

/// x * `x` + y * `y` + `one`, with x and y counted from the pixel that looks straight ahead.
struct Linear {
  float x = 0, y = 0, one = 0;

  float at(float px, float py) const { return x * px + y * py + one; }
};

/// A convex piece of a plane as the camera sees it. Because it is flat, all that is wanted of a pixel is a quotient of
/// two linear functions: the place on it, and the pixel that showed that place in the frame before.
struct Surface {
  Linear inverse_depth;  ///< 1 / depth
  Linear along, across;  ///< place on the patch, in metres / depth
  Linear before_x, before_y,
      before_z;  ///< pixel and depth in the frame before: x = before_x / before_z, depth = before_z * depth
  float sun[3] = {}, up[3] = {};  ///< directions to the sun and upwards: along, across, out of the surface
  float extent[3] = {};           ///< metres: along and across; of round things length and both radii
  float sunlit = 1;               ///< share of the sun that comes through
  uint32_t key = 0;               ///< the same in every frame
  int32_t skin = 0;
  int32_t first_edge = 0, edges = 0;
  float top = 0, bottom = 0;  ///< rows that it spans
};

/// Corners of an outline after the cut before the lens; a rod with round ends has the most.
constexpr size_t kMostCorners = 16;

/// A side of a surface's outline that crosses rows: pixels, counted from the centre of the first.
struct Edge {
  float x = 0, top = 0, bottom = 0, slope = 0;  ///< x at `top`, and its change per row
};

}  // namespace weft::world
