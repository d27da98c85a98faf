#include "plugins/pose/proportions.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <optional>
#include <span>

namespace weft::pose {
namespace {

constexpr double kSure = 0.01;       // confidence of a point that was found, as pose.draw takes it
constexpr double kLongest = 0.9;     // quantile of a bone's lengths, most of which are foreshortened
constexpr double kStanding = 0.8;    // quantile of the floors: in fewer frames the feet are higher, as in jumps
constexpr double kUpright = 0.8;     // part of a standing body's length that is seen from top to bottom
constexpr double kLeastDepth = 0.1;  // heights that the floor goes up and down, where the person walks to and fro
constexpr double kLeastSlope = 0.1;  // of heights over floors there; of a jump it is 0
constexpr double kMostDepth = 4;     // near height by far height
constexpr double kMostRatio = 2;     // of two people's bones; more is a wrong measurement
constexpr size_t kNose = 0, kNeck = 1, kHips = 8, kLeftWrist = 7, kRightWrist = 4;
constexpr std::array<std::array<size_t, 3>, 2> kLegs = {{{9, 10, 11}, {12, 13, 14}}};  // hip, knee, ankle

/// A joint of BODY_25 and the one nearer to the middle of the hips.
struct Bone {
  size_t joint, parent;
};

/// From the hips outwards.
constexpr std::array<Bone, 24> kBones = {{{1, 8},   {0, 1},   {15, 0},  {16, 0},  {17, 15}, {18, 16},
                                          {2, 1},   {3, 2},   {4, 3},   {5, 1},   {6, 5},   {7, 6},
                                          {9, 8},   {10, 9},  {11, 10}, {12, 8},  {13, 12}, {14, 13},
                                          {24, 11}, {22, 11}, {23, 22}, {21, 14}, {19, 14}, {20, 19}}};

bool is_found(const Keypoint& point) {
  return point.confidence > kSure;
}

double distance_between(const Keypoint& a, const Keypoint& b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// @param values  at least one
double quantile(std::vector<double> values, double part) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(values.size() - 1) + 0.5);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

/// The person with the middle between both hips, where the detector gives none.
Person with_hips(Person person) {
  Keypoint& middle = person.body[kHips];
  const Keypoint &right = person.body[kLegs[0][0]], &left = person.body[kLegs[1][0]];
  if (!is_found(middle) && is_found(right) && is_found(left))
    middle = {(right.x + left.x) / 2, (right.y + left.y) / 2, std::min(right.confidence, left.confidence)};
  return person;
}

/// The lowest point that a person stands on; nothing where it was not found.
std::optional<double> floor_of(const Person& person, bool has_feet) {
  std::optional<double> floor;
  const auto add = [&](size_t joint) {
    if (is_found(person.body[joint])) floor = std::max(floor.value_or(person.body[joint].y), person.body[joint].y);
  };
  if (!has_feet) add(kHips);
  for (const auto& leg : kLegs) {
    if (has_feet) add(leg.back());
  }
  return floor;
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

bool has_depth(const Proportions& of) {
  return of.near.floor > of.far.floor;
}

/// How near a standing place is: 0 at the far end, 1 at the near one.
double nearness(const Proportions& of, double floor) {
  if (!has_depth(of)) return 1;
  return std::clamp((floor - of.far.floor) / (of.near.floor - of.far.floor), 0.0, 1.0);
}

Proportions::Place place_at(const Proportions& of, double nearness) {
  return {std::lerp(of.far.floor, of.near.floor, nearness), std::lerp(of.far.height, of.near.height, nearness)};
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
    if (has_depth(proportions) && !(standing && standing->is_upright)) continue;
    const double height = place_at(proportions, nearness(proportions, standing ? standing->floor : 0)).height;
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

/// The length of a leg, in heights.
double leg_of(const Proportions& of) {
  double longest = 0;
  for (const auto& [hip, knee, ankle] : kLegs) longest = std::max(longest, of.bones[knee] + of.bones[ankle]);
  return longest;
}

/// Where a person stands in a frame without feet, if the legs are straight.
double floor_below(const Keypoint& hips, const Proportions& of) {
  double floor = of.near.floor;
  for (int i = 0; i < 8; ++i) floor = hips.y + leg_of(of) * place_at(of, nearness(of, floor)).height;
  return floor;
}

/// Fits one pose.
class Fit {
 public:
  Fit(const Person& person, const Proportions& of, const Proportions& wanted)
      : person_(with_hips(person)), of_(of), wanted_(wanted), has_hips_(is_found(person.body[kHips])) {
    const Keypoint& hips = person_.body[kHips];
    floor_ = floor_of(person_, of.has_feet);
    const double standing = floor_ ? *floor_ : is_found(hips) ? floor_below(hips, of) : of.near.floor;
    from_ = place_at(of, nearness(of, standing));
    to_ = place_at(wanted, nearness(of, standing));
  }

  Person fitted() const {
    Person moved{};
    move_body(moved);
    move_part(person_.face, kNose, (ratio(17) + ratio(18)) / 2, moved, moved.face);
    move_part(person_.left_hand, kLeftWrist, ratio(kLeftWrist), moved, moved.left_hand);
    move_part(person_.right_hand, kRightWrist, ratio(kRightWrist), moved, moved.right_hand);
    if (!has_hips_) moved.body[kHips] = {};
    return moved;
  }

 private:
  double scale() const { return to_.height / from_.height; }

  /// Of the wanted length of what leads to a joint to its own, both in heights.
  double ratio(size_t joint) const {
    if (of_.bones[joint] <= 0 || wanted_.bones[joint] <= 0) return 1;
    return std::clamp(wanted_.bones[joint] / of_.bones[joint], 1 / kMostRatio, kMostRatio);
  }

  /// Where a point comes without regard to bones.
  Keypoint placed(const Keypoint& point) const {
    return {wanted_.middle + (point.x - of_.middle) * scale(), to_.floor + (point.y - from_.floor) * scale(),
            point.confidence};
  }

  static Keypoint beyond(const Keypoint& base, const Keypoint& from, const Keypoint& point, double scale) {
    return {base.x + (point.x - from.x) * scale, base.y + (point.y - from.y) * scale, point.confidence};
  }

  void move_body(Person& moved) const {
    const Keypoint& hips = person_.body[kHips];
    if (is_found(hips)) {
      moved.body[kHips] = placed(hips);
      const double of_leg = leg_of(of_) > 0 && leg_of(wanted_) > 0 ? leg_of(wanted_) / leg_of(of_) : 1;
      if (of_.has_feet) moved.body[kHips].y = to_.floor + (hips.y - from_.floor) * scale() * of_leg;
    }
    std::array<size_t, 25> parents{};
    for (const Bone& bone : kBones) {
      parents[bone.joint] = bone.parent;
      const Keypoint& point = person_.body[bone.joint];
      if (!is_found(point)) continue;
      // Where the parent was not found, the next one on the way to the hips stands for it.
      size_t base = bone.parent;
      while (base != kHips && !is_found(person_.body[base])) base = parents[base];
      const double of_bone = base == bone.parent ? ratio(bone.joint) : 1;
      moved.body[bone.joint] = is_found(person_.body[base])
                                   ? beyond(moved.body[base], person_.body[base], point, scale() * of_bone)
                                   : placed(point);
    }
    stand(moved);
  }

  /// Other legs bring the feet elsewhere: the whole body goes up or down with them.
  void stand(Person& moved) const {
    const std::optional<double> floor = floor_of(moved, of_.has_feet);
    if (!floor || !floor_) return;
    const double rise = to_.floor + (*floor_ - from_.floor) * scale() - *floor;
    for (Keypoint& point : moved.body) {
      if (is_found(point)) point.y += rise;
    }
  }

  /// Face and hands go with the joint that they hang on.
  void move_part(std::span<const Keypoint> from, size_t joint, double of_part, const Person& moved,
                 std::span<Keypoint> to) const {
    const Keypoint& base = person_.body[joint];
    for (size_t i = 0; i < from.size(); ++i) {
      if (!is_found(from[i])) continue;
      to[i] = is_found(base) ? beyond(moved.body[joint], base, from[i], scale() * of_part) : placed(from[i]);
    }
  }

  Person person_;
  const Proportions& of_;
  const Proportions& wanted_;
  bool has_hips_;
  std::optional<double> floor_;  ///< nothing where the feet were not found
  Proportions::Place from_, to_;
};

}  // namespace

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

Person with_proportions(const Person& person, const Proportions& of, const Proportions& wanted) {
  return Fit(person, of, wanted).fitted();
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
