#pragma once

#include "plugins/world/geometry.h"
#include "plugins/world/road.h"

#include <array>
#include <cstdint>
#include <vector>

namespace weft::world {

/// Something on the ground that darkens or lights it: an oriented ellipse or rectangle with soft borders.
struct Mark {
  enum class Kind : uint8_t {
    Shadow,   ///< takes sun away
    Contact,  ///< takes sky away
    Lamp,     ///< gives lamp light
  };
  Kind kind = Kind::Shadow;
  bool is_round = false;
  Vec centre;  ///< in the world
  double heading = 0;
  double length = 1, width = 1;  ///< metres
  double soft = 0.3;             ///< metres from full to nothing
  float strength = 1;            ///< 0 to 1
};

/// A point of the ground, relative to the anchor.
struct GroundPoint {
  float along = 0, left = 0;  ///< on the street
  float heading_x = 1, heading_y = 0;
  float junction = 0;  ///< metres along the street from the middle of the nearest crossing street
};

/// The light and shadow on a point of the ground.
struct GroundLight {
  float sunlit = 1, open = 1, lamp = 0;
};

/// The street around the camera in a table, so that a pixel finds its place on it at once, and the shadows on it.
///
/// All floats count from an anchor near the camera: far down an endless street they would not hold millimetres.
class Ground {
 public:
  static constexpr double kAnchorGrid = 64;  ///< metres; patterns on the ground repeat within it, or take whole cells
  static constexpr double kBehind = 40, kAhead = 420;

  Ground(const Road& road, double along, const Vec& to_sun);

  const Vec& anchor() const { return anchor_; }
  /// Cells of `size` metres between the anchor and the street's zero; the grid is a multiple of `size`.
  int32_t cells(double size) const { return static_cast<int32_t>(std::llround(anchor_along_ / size)); }
  double anchor_along() const { return anchor_along_; }

  /// Adds a house beside the street. `side` is 1 on the left, -1 on the right.
  void add_house(double from, double to, double height, double side);
  void add_junction(double along);
  void add_mark(const Mark& mark);

  /// The place of a point relative to the anchor.
  GroundPoint locate(float x, float y) const;
  /// The share of the sun that houses let through to a point `height` metres above the ground. `reach` is half a pixel in
  /// metres.
  float sun_at(const GroundPoint& point, float height, float reach) const;
  /// The same of a spot on the street.
  float sun_at(const Spot& spot, double height, double reach = 0) const;
  /// Houses and marks together, at a point relative to the anchor. `reach` is half a pixel in metres.
  GroundLight light_at(float x, float y, const GroundPoint& point, float reach) const;

 private:
  static constexpr double kStep = 0.5;
  static constexpr double kCell = 8;
  struct Row {
    float y = 0, heading_x = 1, heading_y = 0;
    float junction = 1e6F;
    std::array<float, 2> house_height = {0, 0};  ///< right, left
  };
  struct FastMark {
    Mark::Kind kind;
    bool is_round;
    float x, y, heading_x, heading_y, half_length, half_width, soft, strength, radius;
  };

  Row at(float along) const;
  /// How much of a ray that crosses a line of houses at `height` gets over them.
  float over_houses(float along, size_t side, float height, float soft) const;
  size_t row_of(double along) const;
  void darken(const FastMark& mark, float x, float y, float reach, GroundLight& light) const;

  double anchor_along_;
  Vec anchor_, to_sun_;
  std::vector<Row> rows_;
  std::vector<std::vector<FastMark>> marks_;  ///< by cells of x
};

}  // namespace weft::world
