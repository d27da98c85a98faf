#include "plugins/pose/fitted_pose.h"

#include "plugins/pose/joints.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

namespace weft::pose {
namespace {

constexpr double kMostRatio = 2;  // of two people's bones; more is a wrong measurement

/// The length of a leg, in heights.
double leg_of(const Proportions& of) {
  double longest = 0;
  for (const auto& [hip, knee, ankle] : kLegs) longest = std::max(longest, of.bones[knee] + of.bones[ankle]);
  return longest;
}

/// Where a person stands in a frame without feet, if the legs are straight.
double floor_below(const Keypoint& hips, const Proportions& of) {
  double floor = of.near.floor;
  for (int i = 0; i < 8; ++i) floor = hips.y + leg_of(of) * of.at(of.nearness(floor)).height;
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
    from_ = of.at(of.nearness(standing));
    to_ = wanted.at(of.nearness(standing));
  }

  Person fitted() const {
    Person moved{};
    move_body(moved);
    move_part(person_.face, kNose, ratio_of_head(), moved, moved.face);
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

  /// A head is rigid: the middle one of what its bones say, since an ear that is seen from the front alone seems near the eye.
  double ratio_of_head() const {
    std::vector<double> ratios;
    for (const size_t joint : {kNose, kRightEye, kLeftEye, kRightEar, kLeftEar}) {
      if (of_.bones[joint] > 0 && wanted_.bones[joint] > 0) ratios.push_back(ratio(joint));
    }
    if (ratios.empty()) return 1;
    const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
    std::nth_element(ratios.begin(), middle, ratios.end());
    return *middle;
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

Person with_proportions(const Person& person, const Proportions& of, const Proportions& wanted) {
  return Fit(person, of, wanted).fitted();
}

}  // namespace weft::pose
