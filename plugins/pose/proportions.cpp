#include "plugins/pose/proportions.h"

#include "framework/base/error.h"
#include "framework/base/text.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

namespace weft::pose {
namespace {

constexpr double kSure = 0.01;       // confidence of a point that was found, as pose.draw takes it
constexpr double kLongest = 0.9;     // quantile of a bone's lengths, most of which are foreshortened
constexpr double kLeastDepth = 0.1;  // heights that the floor goes up and down, where the person walks to and fro
constexpr double kMostRatio = 2;     // of two people's bones; more is a wrong measurement
constexpr size_t kNose = 0, kNeck = 1, kHips = 8, kLeftWrist = 7, kRightWrist = 4;
constexpr std::array<size_t, 2> kAnkles = {11, 14};

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

/// The lowest point that a person stands on; nothing where it was not found.
std::optional<double> floor_of(const Person& person, bool has_feet) {
  std::optional<double> floor;
  const auto add = [&](size_t joint) {
    if (is_found(person.body[joint])) floor = std::max(floor.value_or(person.body[joint].y), person.body[joint].y);
  };
  if (!has_feet) add(kHips);
  if (has_feet) std::for_each(kAnkles.begin(), kAnkles.end(), add);
  return floor;
}

/// How near a standing place is: 0 at the far end, 1 at the near one.
double nearness(const Proportions& of, std::optional<double> floor) {
  const double depth = of.near.floor - of.far.floor;
  if (depth <= 0 || !floor) return 1;
  return std::clamp((*floor - of.far.floor) / depth, 0.0, 1.0);
}

Proportions::Place place_at(const Proportions& of, double nearness) {
  return {std::lerp(of.far.floor, of.near.floor, nearness), std::lerp(of.far.height, of.near.height, nearness)};
}

/// Where a person stood in a frame, and how tall that looked.
struct Standing {
  double floor, height;
};

/// The mean of the taller half, who stand upright: places on a floor have heights in proportion, so the mean is one too.
Standing upright(std::vector<Standing> standings) {
  std::sort(standings.begin(), standings.end(),
            [](const Standing& a, const Standing& b) { return a.height > b.height; });
  standings.resize((standings.size() + 1) / 2);
  Standing mean{0, 0};
  for (const Standing& one : standings) {
    mean.floor += one.floor / static_cast<double>(standings.size());
    mean.height += one.height / static_cast<double>(standings.size());
  }
  return mean;
}

/// @returns whether there is one
bool set_places(const std::vector<Standing>& standings, Proportions& proportions) {
  std::vector<double> floors, heights;
  for (const Standing& one : standings) {
    floors.push_back(one.floor);
    heights.push_back(one.height);
  }
  if (floors.empty()) return false;
  const double tallest = quantile(heights, kLongest);
  proportions.near = proportions.far = {quantile(floors, 0.5), tallest};
  const double near = quantile(floors, 0.95), far = quantile(floors, 0.05), depth = near - far;
  if (depth < kLeastDepth * tallest) return tallest > 0;
  std::vector<Standing> nearest, farthest;
  for (const Standing& one : standings) {
    if (one.floor >= near - depth / 3) nearest.push_back(one);
    if (one.floor <= far + depth / 3) farthest.push_back(one);
  }
  const Standing a = upright(std::move(farthest)), b = upright(std::move(nearest));
  const auto place = [&](double floor) {
    return Proportions::Place{floor, std::lerp(a.height, b.height, (floor - a.floor) / (b.floor - a.floor))};
  };
  proportions.near = place(near);
  proportions.far = place(far);
  return proportions.near.height > 0 && proportions.far.height > 0;
}

std::vector<Standing> standings_of(const std::vector<const Person*>& people, bool has_feet) {
  std::vector<Standing> standings;
  for (const Person* person : people) {
    const std::optional<double> floor = floor_of(*person, has_feet);
    if (floor && is_found(person->body[kNose])) standings.push_back({*floor, *floor - person->body[kNose].y});
  }
  return standings;
}

void set_bones(const std::vector<const Person*>& people, Proportions& proportions) {
  for (const Bone& bone : kBones) {
    std::vector<double> lengths;
    for (const Person* person : people) {
      const Keypoint &joint = person->body[bone.joint], &parent = person->body[bone.parent];
      if (!is_found(joint) || !is_found(parent)) continue;
      const double height =
          place_at(proportions, nearness(proportions, floor_of(*person, proportions.has_feet))).height;
      lengths.push_back(distance_between(joint, parent) / height);
    }
    if (!lengths.empty()) proportions.bones[bone.joint] = quantile(std::move(lengths), kLongest);
  }
}

void set_middle(const std::vector<const Person*>& people, Proportions& proportions) {
  double sum = 0, count = 0;
  for (const Person* person : people) {
    const Keypoint& middle = is_found(person->body[kHips]) ? person->body[kHips] : person->body[kNeck];
    if (!is_found(middle)) continue;
    sum += middle.x;
    ++count;
  }
  if (count > 0) proportions.middle = sum / count;
}

/// Fits one pose.
class Fit {
 public:
  Fit(const Person& person, const Proportions& of, const Proportions& wanted)
      : person_(person), of_(of), wanted_(wanted), floor_(floor_of(person, of.has_feet)) {
    const double near = nearness(of, floor_);
    from_ = place_at(of, near);
    to_ = place_at(wanted, near);
  }

  Person fitted() const {
    Person moved{};
    move_body(moved);
    move_part(person_.face, kNose, (ratio(17) + ratio(18)) / 2, moved, moved.face);
    move_part(person_.left_hand, kLeftWrist, ratio(kLeftWrist), moved, moved.left_hand);
    move_part(person_.right_hand, kRightWrist, ratio(kRightWrist), moved, moved.right_hand);
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
    if (is_found(person_.body[kHips])) moved.body[kHips] = placed(person_.body[kHips]);
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

  const Person& person_;
  const Proportions& of_;
  const Proportions& wanted_;
  std::optional<double> floor_;
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
  std::vector<const Person*> people;
  for (const std::vector<Person>& frame : frames) {
    if (const Person* person = tallest_of(frame)) people.push_back(person);
  }
  Proportions proportions;
  const std::vector<Standing> with_feet = standings_of(people, true), with_hips = standings_of(people, false);
  // A foot that comes into view now and then is not what the person stands on.
  proportions.has_feet = 2 * with_feet.size() > with_hips.size();
  proportions.is_known = set_places(proportions.has_feet ? with_feet : with_hips, proportions);
  if (!proportions.is_known) return {};
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
