#pragma once

#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/identity.h"

#include <vector>

namespace weft::world {

/// A floor and a wall behind a person, who stands at the origin.
class Room {
 public:
  /// @param wall_distance  metres behind the person
  /// @param blur           of the wall, in metres: how far it is out of focus
  Room(const Studio& studio, const Easel& easel, double wall_distance, double blur);

  /// The light of each pixel.
  const std::vector<Colour>& light() const { return light_; }
  /// The same with the shadow that a figure casts on the floor.
  std::vector<Colour> with_shadow(const Mesh& mesh, const std::vector<Vec>& points) const;

 private:
  Colour wall(float across, float height, float reach) const;
  Colour floor(float ahead, float across, float reach) const;
  Colour seen_along(const Vec& eye, const Vec& way, float pixel, bool& is_floor) const;
  std::vector<float> shadow(const Mesh& mesh, const std::vector<Vec>& points) const;

  Studio studio_;
  const Easel& easel_;
  double wall_distance_, blur_;
  std::vector<Colour> light_;
  std::vector<float> floor_share_;  ///< of each pixel
};

}  // namespace weft::world
