#include "plugins/pose/proportions.h"

#include "framework/base/error.h"
#include "framework/base/text.h"
#include "plugins/pose/joints.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>

namespace weft::pose {
namespace {

constexpr double kLongest = 0.9;     // quantile of a bone's lengths, most of which are foreshortened
constexpr double kStanding = 0.8;    // quantile of the floors: in fewer frames the feet are higher, as in jumps
constexpr double kUpright = 0.8;     // part of a standing body's length that is seen from top to bottom
constexpr double kLeastDepth = 0.1;  // heights that the floor goes up and down, where the person walks to and fro
constexpr double kLeastSlope = 0.1;  // of heights over floors there; of a jump it is 0
constexpr double kMostDepth = 4;     // near height by far height

double distance_between(const Keypoint& a, const Keypoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// @param values  at least one
double quantile(std::vector<double> values, double part) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// The length of the longer leg that was found as a whole; nothing where none was.
std::optional<double> leg_of(const Person& person) {
  std::optional<double> longest;
  for (const auto& [hip, knee, ankle] : kLegs) {
    const auto& body = person.body;
    if (!is_found(body[hip]) || !is_found(body[knee]) || !is_found(body[ankle])) continue;
    const double length = distance_between(body[hip], body[knee]) + distance_between(body[knee], body[ankle]);
    longest = std::max(longest.value_or(length), length);
  }
  return longest;
}

/// Where a person stood in a frame, and how tall: from the neck to the hips, and on along a leg to the foot, whatever the pose.
struct Standing {
  double floor, height;
  bool is_upright;
};

std::optional<Standing> standing_of(const Person& person, bool has_feet) {
  const Keypoint &neck = person.body[kNeck], &hips = person.body[kHips];
  const std::optional<double> floor = floor_of(person, has_feet), leg = has_feet ? leg_of(person) : 0;
  if (!floor || !leg || !is_found(neck) || !is_found(hips)) return {};
  const double height = distance_between(neck, hips) + *leg;
  if (height <= 0) return {};
  return Standing{*floor, height, *floor - neck.y >= kUpright * height};
}

std::vector<Standing> standings_of(const std::vector<Person>& people, bool has_feet) {
  std::vector<Standing> standings;
  for (const Person& person : people) {
    if (const auto standing = standing_of(person, has_feet)) standings.push_back(*standing);
  }
  return standings;
}

double floor_of(const std::vector<Standing>& standings, double part) {
  std::vector<double> floors;
  for (const Standing& one : standings) floors.push_back(one.floor);
  return quantile(floors, part);
}

double height_of(const std::vector<Standing>& standings, double part) {
  std::vector<double> heights;
  for (const Standing& one : standings) heights.push_back(one.height);
  return quantile(heights, part);
}

/// Sets both ends of where a person goes, if heights grow with the floor; those of jumps do not.
void set_depth(const std::vector<Standing>& standings, Proportions& proportions) {
  const double near = floor_of(standings, 0.95), far = floor_of(standings, 0.05), depth = near - far;
  if (depth < kLeastDepth * proportions.near.height) return;
  std::vector<Standing> nearest, farthest;
  for (const Standing& one : standings) {
    if (one.floor >= near - depth / 3) nearest.push_back(one);
    if (one.floor <= far + depth / 3) farthest.push_back(one);
  }
  const double slope =
      (height_of(nearest, 0.5) - height_of(farthest, 0.5)) / (floor_of(nearest, 0.5) - floor_of(farthest, 0.5));
  if (slope < kLeastSlope) return;
  const double of_near = height_of(nearest, 0.5) + slope * (near - floor_of(nearest, 0.5));
  proportions.near = {near, of_near};
  proportions.far = {far, std::max(of_near - slope * depth, of_near / kMostDepth)};
}

/// @param standings  at least one
void set_places(const std::vector<Standing>& standings, Proportions& proportions) {
  std::vector<Standing> upright;
  std::copy_if(standings.begin(), standings.end(), std::back_inserter(upright),
               [](const Standing& one) { return one.is_upright; });
  const std::vector<Standing>& counted = upright.empty() ? standings : upright;
  proportions.near = proportions.far = {floor_of(counted, kStanding), height_of(counted, kLongest)};
  set_depth(counted, proportions);
}

void set_bones(const std::vector<Person>& people, Proportions& proportions) {
  std::array<std::vector<double>, 25> lengths;
  for (const Person& person : people) {
    const std::optional<Standing> standing = standing_of(person, proportions.has_feet);
    // The feet of a person who lies or crouches do not say how far away that is.
    if (proportions.has_depth() && !(standing && standing->is_upright)) continue;
    const double height = proportions.at(proportions.nearness(standing ? standing->floor : 0)).height;
    for (const Bone& bone : kBones) {
      const Keypoint &joint = person.body[bone.joint], &parent = person.body[bone.parent];
      if (is_found(joint) && is_found(parent)) lengths[bone.joint].push_back(distance_between(joint, parent) / height);
    }
  }
  for (size_t joint = 0; joint < lengths.size(); ++joint) {
    if (!lengths[joint].empty()) proportions.bones[joint] = quantile(std::move(lengths[joint]), kLongest);
  }
}

void set_middle(const std::vector<Person>& people, Proportions& proportions) {
  double sum = 0, count = 0;
  for (const Person& person : people) {
    const Keypoint& middle = is_found(person.body[kHips]) ? person.body[kHips] : person.body[kNeck];
    if (!is_found(middle)) continue;
    sum += middle.x;
    ++count;
  }
  if (count > 0) proportions.middle = sum / count;
}

}  // namespace

bool Proportions::has_depth() const {
  return near.floor > far.floor;
}

double Proportions::nearness(double floor) const {
  if (!has_depth()) return 1;
  return std::clamp((floor - far.floor) / (near.floor - far.floor), 0.0, 1.0);
}

Proportions::Place Proportions::at(double nearness) const {
  return {std::lerp(far.floor, near.floor, nearness), std::lerp(far.height, near.height, nearness)};
}

const Person* tallest_of(const std::vector<Person>& people) {
  const Person* tallest = nullptr;
  double height = -1;
  for (const Person& person : people) {
    double top = std::numeric_limits<double>::max(), bottom = std::numeric_limits<double>::lowest();
    for (const Keypoint& point : person.body) {
      if (!is_found(point)) continue;
      top = std::min(top, point.y);
      bottom = std::max(bottom, point.y);
    }
    if (bottom - top <= height) continue;
    tallest = &person;
    height = bottom - top;
  }
  return tallest;
}

Proportions proportions_of(const std::vector<std::vector<Person>>& frames) {
  std::vector<Person> people;
  for (const std::vector<Person>& frame : frames) {
    if (const Person* person = tallest_of(frame)) people.push_back(with_hips(*person));
  }
  Proportions proportions;
  const std::vector<Standing> on_feet = standings_of(people, true), on_hips = standings_of(people, false);
  // A foot that comes into view now and then is not what the person stands on.
  proportions.has_feet = 2 * on_feet.size() > on_hips.size();
  const std::vector<Standing>& standings = proportions.has_feet ? on_feet : on_hips;
  if (standings.empty()) return {};
  proportions.is_known = true;
  set_places(standings, proportions);
  set_bones(people, proportions);
  set_middle(people, proportions);
  return proportions;
}

at::Tensor keypoints_of(const Proportions& proportions) {
  at::Tensor rows = at::zeros({1, kRowsOfProportions, 3}, at::kDouble);
  if (!proportions.is_known) return rows;
  auto* row = rows.mutable_data_ptr<double>();
  const auto add = [&](double x, double y, double sure) {
    *row++ = x;
    *row++ = y;
    *row++ = sure;
  };
  for (const Proportions::Place& place : {proportions.near, proportions.far})
    add(place.floor, place.height, proportions.has_feet ? 2 : 1);
  add(proportions.middle, 0, 1);
  for (const double bone : proportions.bones) add(bone, 0, bone > 0 ? 1 : 0);
  return rows;
}

Proportions proportions_from(const at::Tensor& rows) {
  if (rows.size(0) != kRowsOfProportions) {
    throw Error(Exit::Graph,
                text("proportions of a person have ", kRowsOfProportions, " rows, but these have ", rows.size(0)))
        .hint("pose.proportions gives them");
  }
  const at::Tensor plain = rows.to(at::kCPU, at::kDouble).contiguous();
  const double* row = plain.const_data_ptr<double>();
  Proportions proportions;
  if (row[2] == 0) return proportions;
  proportions.is_known = true;
  proportions.has_feet = row[2] > 1;
  for (Proportions::Place* place : {&proportions.near, &proportions.far}) {
    *place = {row[0], row[1]};
    row += 3;
  }
  proportions.middle = *row;
  for (double& bone : proportions.bones) bone = *(row += 3);
  return proportions;
}

}  // namespace weft::pose
