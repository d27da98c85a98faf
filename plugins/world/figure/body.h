#pragma once

#include "plugins/world/figure/bones.h"
#include "plugins/world/figure/mesh.h"

#include <array>
#include <span>

namespace weft::world {

/// The 21 keypoints of a hand: wrist, then four of each finger, from the thumb.
using HandPoints = std::array<Vec, 21>;

/// Fingers of a hand.
HandPoints hand_points(const Build& build, const Pose& hand, double fingers, size_t side);

/// The surface of trunk, limbs and clothes of a person, without the head.
class Body {
 public:
  Body(const Identity& person, const Build& build) : person_(person), build_(build) {}

  void add_to(Mesh& mesh);
  void place(const Bones& bones, const Stance& stance, std::span<Vec> points) const;

 private:
  void add_skirt(Mesh& mesh);
  void place_torso(const Bones& bones, std::span<Vec> points) const;
  void place_arm(const Bones& bones, size_t side, std::span<Vec> points) const;
  void place_leg(const Bones& bones, size_t side, std::span<Vec> points) const;
  void place_shoe(const Bones& bones, size_t side, std::span<Vec> points) const;
  void place_hand(const Bones& bones, const Stance& stance, size_t side, std::span<Vec> points) const;
  void place_skirt(const Bones& bones, std::span<Vec> points) const;
  bool has_skirt() const { return person_.bottom == Bottom::Skirt || person_.bottom == Bottom::Dress; }

  Identity person_;
  Build build_;
  Grid torso_, skirt_;
  std::array<Grid, 2> arms_, legs_, shoes_, palms_;
  std::array<std::array<Grid, 5>, 2> fingers_;
};

}  // namespace weft::world
