#pragma once

#include "plugins/world/drive.h"
#include "plugins/world/scene.h"
#include "plugins/world/site.h"

namespace weft::world {

/// A time of the world: for all who move by the clock, and for those who keep their distance to the camera.
struct Moment {
  double time = 0;   ///< frames
  double along = 0;  ///< of the camera

  bool operator==(const Moment&) const = default;
};

/// The moving objects and their plans. Each position is a function of the time; plans leave room for each other, so that
/// nobody meets at a junction as long as the camera keeps to its own plan.
struct Plan {
  const Drive& drive;
  const Scene& scene;
  Moment now, before;
};

void add_traffic(Site& site, const Plan& plan);  ///< cars ahead, oncoming, crossing, turning
void add_people(Site& site, const Plan& plan);   ///< on the pavements, and crossing

/// The events at a junction when the camera comes near.
enum class Event { Nothing, PeopleFromRight, PeopleFromLeft, CarCrosses, CarTurns };
Event event_at(const Layout& layout, const Scene& scene, int64_t junction);

}  // namespace weft::world
