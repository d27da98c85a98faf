#include "plugins/world/people.h"
#include "plugins/world/traffic.h"

namespace weft::world {
namespace {

constexpr double kPace = 0.06;      // metres a frame, of those who cross
constexpr double kTwoSteps = 1.45;  // metres
constexpr double kCrossing = 5.2;   // metres from the middle of a junction
constexpr double kSideReach = 50;

/// People who walk one behind the other at one speed.
struct File {
  double left;  ///< metres from the middle line
  double pace;  ///< metres a frame
};

constexpr std::array<File, 6> kFiles = {
    {{7.15, 0.047}, {7.9, -0.043}, {8.6, 0.038}, {-7.15, -0.046}, {-7.9, 0.042}, {-8.6, -0.037}}};
constexpr double kSpacing = 7;  // metres between places of a file

/// The pavement's height, with steps at the crossing streets' kerbs.
double height_at(const Layout& layout, double along) {
  const int64_t block = layout.block_at(along);
  const double near = std::min(along - layout.junction(block), layout.junction(block + 1) - along);
  return kKerbHeight * smooth_step(kSideKerb - 0.25, kSideKerb + 0.25, near);
}

Stance walking(const Site& site, const Spot& spot, double turn, double walked, double height, double phase) {
  Pose pose = site.road.pose(spot, turn);
  pose.origin.z = height;
  return {pose, 2 * kPi * walked / kTwoSteps + phase, 1};
}

void add_file(Site& site, const Plan& plan, size_t number) {
  const File& file = kFiles[number];
  const double moved = file.pace * plan.now.time;
  const auto first = static_cast<int64_t>(std::floor((site.from() - moved) / kSpacing));
  const auto last = static_cast<int64_t>(std::floor((site.to() - moved) / kSpacing));
  for (int64_t i = first; i <= last; ++i) {
    const int64_t index = 8 * i + static_cast<int64_t>(number);
    Chance chance(site.layout.seed(), Matter::Walker, index);
    if (!chance.happens(plan.scene.walkers)) continue;
    const double begin = kSpacing * static_cast<double>(i) + chance.between(0, 5.5);
    const double left = file.left + chance.between(-0.22, 0.22), phase = chance.between(0, 2 * kPi);
    const auto stance = [&](const Moment& moment) {
      const double walked = file.pace * moment.time, along = begin + walked;
      return walking(site, {along, left}, file.pace < 0 ? kPi : 0, std::abs(walked) * (moment.time < 0 ? -1 : 1),
                     height_at(site.layout, along), phase);
    };
    const Person person = person_of(site, Matter::Walker, index, index);
    add_person(site, person, stance(plan.now), stance(plan.before));
  }
}

/// A group that crosses the street at `place`, from the side `side` (1: from the left).
void add_crossing(Site& site, const Plan& plan, int64_t crossing, double place, double side) {
  // They are at the kerb when the camera is so far away: then our lane is free of them when a car comes.
  const double distance = side < 0 ? 42 : 66, begin = plan.drive.time_at(place - distance);
  const double walked = kPace * (plan.now.time - begin);
  if (std::abs(walked - kKerb) > kSideReach) return;
  Chance chance(site.layout.seed(), Matter::Crossing, crossing);
  const auto count = 1 + static_cast<int64_t>(chance.pick(static_cast<size_t>(plan.scene.most_in_group)));
  for (int64_t i = 0; i < count; ++i) {
    const int64_t index = 8 * (crossing * 8 + i) + 6;
    const double aside = 0.75 * static_cast<double>(i % 2) - 0.4 + chance.between(-0.15, 0.15);
    const int64_t rank = i / 2;
    const double behind = 0.85 * static_cast<double>(rank) + chance.between(-0.2, 0.2),
                 phase = chance.between(0, 2 * kPi);
    const auto stance = [&](const Moment& moment) {
      const double way = kPace * (moment.time - begin) - behind, left = side * (kKerb - way);
      const double height = kKerbHeight * smooth_step(kKerb - 0.25, kKerb + 0.25, std::abs(left));
      return walking(site, {place + aside, left}, side > 0 ? -kPi / 2 : kPi / 2, way, height, phase);
    };
    const Person person = person_of(site, Matter::Crossing, index, index);
    add_person(site, person, stance(plan.now), stance(plan.before));
  }
}

}  // namespace

void add_people(Site& site, const Plan& plan) {
  for (size_t number = 0; number < kFiles.size(); ++number) add_file(site, plan, number);
  const int64_t first = site.layout.block_at(site.from()), last = site.layout.block_at(site.to()) + 1;
  for (int64_t k = first; k <= last; ++k) {
    const Event event = event_at(site.layout, plan.scene, k);
    if (event != Event::PeopleFromRight && event != Event::PeopleFromLeft) continue;
    const double side = event == Event::PeopleFromLeft ? 1 : -1, junction = site.layout.junction(k);
    add_crossing(site, plan, 2 * k, junction - kCrossing, side);
    if (plan.scene.both_crossings) add_crossing(site, plan, 2 * k + 1, junction + kCrossing, -side);
  }
}

}  // namespace weft::world
