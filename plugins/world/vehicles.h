#pragma once

#include "plugins/world/site.h"
#include "plugins/world/vehicle_shape.h"

namespace weft::world {

/// One vehicle: its type, colours and lamps.
struct Vehicle {
  VehicleShape shape;
  Colour paint, cargo;
  int32_t instance = 0;
  uint32_t key = 0;
  double brake = 0;  ///< 0 to 1
  bool is_parked = false;
};

/// Draws shape and colours.
/// @param index        its own among all vehicles; see instance_id
/// @param large_share  of vans, lorries and buses among them
Vehicle vehicle_of(const Site& site, Matter matter, int64_t index, int64_t instance, double large_share);

/// Puts it onto the stage, with its shadow. Poses are of its middle, on the ground.
void add_vehicle(Site& site, const Vehicle& vehicle, const Pose& now, const Pose& before);

/// The light of the camera's own head lamps.
void add_own_lamps(Site& site);

/// Along the kerbs, between crossing streets.
void add_parked_cars(Site& site);

}  // namespace weft::world
