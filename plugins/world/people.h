#pragma once

#include "plugins/world/site.h"

namespace weft::world {

/// The appearance of a person.
struct Person {
  double height = 1.74;
  Colour coat, trousers, hair, face;
  bool wears_skirt = false;
  int32_t instance = 0;
  uint32_t key = 0;
};

/// The pose of a person: the position between the feet on the ground, and the direction.
struct Stance {
  Pose pose;
  double stride = 0;  ///< radians of the step that legs and arms are in
  double swing = 1;   ///< 0: stands still
};

/// Draws clothes and height.
Person person_of(const Site& site, Matter matter, int64_t index, int64_t instance);

/// Adds a person and the shadow to the stage.
void add_person(Site& site, const Person& person, const Stance& now, const Stance& before);

}  // namespace weft::world
