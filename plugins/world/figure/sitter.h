#pragma once

#include "plugins/world/figure/complexion.h"
#include "plugins/world/figure/easel.h"
#include "plugins/world/figure/identity.h"

namespace weft::world {

/// A direction to the lamp of a studio, of length 1. The camera looks along the x axis.
Vec to_lamp(const Studio& studio);

/// A person in the light of a studio.
class Sitter : public Subject {
 public:
  /// @param height  of the person, in metres; clothes reach where their share of it says
  Sitter(const Identity& person, const Studio& studio, double upper_arm, double forearm, double thigh, double shin);

  Colour light(const Spotted& place) const override;
  const Identity& person() const { return person_; }

 private:
  Sheen sheen(const Spotted& place) const;
  Sheen torso(const Spotted& place) const;
  Sheen arm(const Spotted& place) const;
  Sheen leg(const Spotted& place) const;
  Sheen shoe(const Spotted& place) const;
  Sheen skin(const Spotted& place) const;

  Identity person_;
  Studio studio_;
  Ray to_lamp_;
  float sleeve_, hem_;  ///< metres along the limb
};

}  // namespace weft::world
