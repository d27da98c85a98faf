#include "plugins/world/traffic.h"

#include "plugins/world/vehicles.h"

namespace weft::world {
namespace {

constexpr double kSpeed = 0.21;    // metres a frame, of those who do not follow the camera
constexpr double kSideReach = 52;  // metres into a crossing street; farther, nobody is seen

/// Numbers of vehicles, apart from those of parked ones, which are even.
int64_t numbered(int64_t index, int64_t kind) {
  return 8 * index + kind;
}

/// A place on the street and the direction in which one drives there, to the left of the street's.
struct Course {
  Spot spot;
  double turn = 0;

  Pose pose(const Road& road) const { return road.pose(spot, turn); }
};

// ---- ahead

/// The car ahead: it brakes and gains again, but never gets lost.
struct Gap {
  double mean, phase;

  double at(double time) const {
    return mean + 1.5 * std::sin(time / 27 + phase) + 0.8 * std::sin(time / 15.5 + 2 * phase);
  }
  double acceleration(double time) const {
    return -1.5 / (27 * 27) * std::sin(time / 27 + phase) - 0.8 / (15.5 * 15.5) * std::sin(time / 15.5 + 2 * phase);
  }
};

void add_leader(Site& site, const Plan& plan, int64_t index, double mean_gap) {
  Chance chance(site.layout.seed(), Matter::MovingCar, index);
  const Gap gap = {mean_gap, chance.between(0, 2 * kPi)};
  Vehicle vehicle = vehicle_of(site, Matter::MovingCar, index, numbered(index, 1), plan.scene.large_vehicles);
  vehicle.brake =
      smooth_step(0.0005, 0.0025, -plan.drive.acceleration(plan.now.time) - gap.acceleration(plan.now.time));
  const auto course = [&](const Moment& moment) {
    const double along = moment.along + gap.at(moment.time);
    return Course{{along, -kLaneMiddle + 0.15 * std::sin(along / 19)}, 0};
  };
  add_vehicle(site, vehicle, course(plan.now).pose(site.road), course(plan.before).pose(site.road));
}

// ---- oncoming

/// The places of a block where the camera meets a car. Counted back from the next junction: with the first four, nobody is
/// there when people or cars cross; the last two are for streets where nobody does.
void add_oncoming(Site& site, const Plan& plan, int64_t block) {
  constexpr std::array<double, 6> kPlaces = {24, 38, 52, 66, 12, 0};
  const Scene& scene = plan.scene;
  const bool is_free = scene.people_cross + scene.cars_cross + scene.cars_turn == 0;
  const double to = site.layout.junction(block + 1), from = site.layout.junction(block);
  for (size_t i = 0; i < (is_free ? size_t{6} : size_t{4}); ++i) {
    const int64_t index = numbered(block * 8 + static_cast<int64_t>(i), 2);
    Chance chance(site.layout.seed(), Matter::MovingCar, index);
    const double meets = to - kPlaces[i];
    if (meets < from + 4 || !chance.happens(plan.scene.oncoming)) continue;
    const double when = plan.drive.time_at(meets);
    const auto course = [&](const Moment& moment) {
      return Course{{meets - kSpeed * (moment.time - when), kLaneMiddle}, kPi};
    };
    const Course now = course(plan.now);
    if (now.spot.along < site.from() || now.spot.along > site.to()) continue;
    const Vehicle vehicle = vehicle_of(site, Matter::MovingCar, index, index, plan.scene.large_vehicles);
    add_vehicle(site, vehicle, now.pose(site.road), course(plan.before).pose(site.road));
  }
}

// ---- at junctions

/// From the left to the right, before the camera comes.
Course crossing(double junction, double driven) {
  return {{junction - kLaneMiddle, 12 - driven}, -kPi / 2};
}

/// Oncoming, then to its left across our lane. `driven` counts from where it begins to turn.
Course turning(double junction, double driven) {
  constexpr double kRadius = 5.5;
  const double middle = junction - kLaneMiddle + kRadius, angle = driven / kRadius;
  if (driven < 0) return {{middle - driven, kLaneMiddle}, kPi};
  if (angle > kPi / 2)
    return {{junction - kLaneMiddle, kLaneMiddle - kRadius - (driven - kRadius * kPi / 2)}, -kPi / 2};
  return {{middle - kRadius * std::sin(angle), kLaneMiddle - kRadius + kRadius * std::cos(angle)}, kPi + angle};
}

/// Out of the street on the right into our lane, and out of it again at the next one. `along` is where a car that never
/// left the lane would be.
Course joining(double from_junction, double to_junction, double along) {
  constexpr double kRadius = 4, kArc = kRadius * kPi / 2, kAside = -kLaneMiddle - kRadius;
  const double entered = from_junction + kLaneMiddle + kRadius, leaves = to_junction - kLaneMiddle - kRadius;
  const double missing = entered - along, beyond = along - leaves;
  if (missing > kArc) return {{entered - kRadius, kAside - (missing - kArc)}, kPi / 2};
  if (missing > 0) {
    const double angle = missing / kRadius;
    return {{entered - kRadius * std::sin(angle), kAside + kRadius * std::cos(angle)}, angle};
  }
  if (beyond > kArc) return {{leaves + kRadius, kAside - (beyond - kArc)}, -kPi / 2};
  if (beyond > 0) {
    const double angle = beyond / kRadius;
    return {{leaves + kRadius * std::sin(angle), kAside + kRadius * std::cos(angle)}, -angle};
  }
  return {{along, -kLaneMiddle}, 0};
}

void add_on_course(Site& site, const Plan& plan, int64_t index, const Course& now, const Course& before) {
  if (std::abs(now.spot.left) > kSideReach || now.spot.along > site.to()) return;
  const Vehicle vehicle = vehicle_of(site, Matter::MovingCar, index, index, plan.scene.large_vehicles / 2);
  add_vehicle(site, vehicle, now.pose(site.road), before.pose(site.road));
}

void add_junction_traffic(Site& site, const Plan& plan, int64_t k) {
  const double junction = site.layout.junction(k);
  const Event event = event_at(site.layout, plan.scene, k);
  if (event == Event::CarCrosses || event == Event::CarTurns) {
    const double begin = plan.drive.time_at(junction - (event == Event::CarCrosses ? 44 : 46));
    const auto course = [&](const Moment& moment) {
      const double driven = kSpeed * (moment.time - begin);
      return event == Event::CarCrosses ? crossing(junction, driven) : turning(junction, driven);
    };
    add_on_course(site, plan, numbered(k, 3), course(plan.now), course(plan.before));
  }
  if (!plan.scene.cars_join || wrapped(k, 2) != 0) return;
  const double next = site.layout.junction(k + 1), gap = 14;
  const auto course = [&](const Moment& moment) { return joining(junction, next, moment.along + gap); };
  add_on_course(site, plan, numbered(k, 5), course(plan.now), course(plan.before));
}

}  // namespace

Event event_at(const Layout& layout, const Scene& scene, int64_t junction) {
  Chance chance(layout.seed(), Matter::Junction, junction, 1);
  if (chance.happens(scene.people_cross)) return chance.happens(0.5) ? Event::PeopleFromRight : Event::PeopleFromLeft;
  if (chance.happens(scene.cars_cross)) return Event::CarCrosses;
  return chance.happens(scene.cars_turn) ? Event::CarTurns : Event::Nothing;
}

void add_traffic(Site& site, const Plan& plan) {
  if (plan.scene.lead_gap > 0) add_leader(site, plan, 0, plan.scene.lead_gap);
  if (plan.scene.second_gap > 0) add_leader(site, plan, 1, plan.scene.second_gap);
  const int64_t first = site.layout.block_at(site.from() - Layout::kSpacing), last = site.layout.block_at(site.to());
  for (int64_t block = first; block <= last; ++block) {
    add_oncoming(site, plan, block);
    add_junction_traffic(site, plan, block);
  }
}

}  // namespace weft::world
