#include "plugins/world/figure/bones.h"

#include <algorithm>

namespace weft::world {
namespace {

/// How far a leg may be stretched, of its length.
constexpr double kReach = 0.992;

/// Faces the camera, which looks along the x axis.
Pose facing(const Vec& origin, double heading) {
  return upright(origin, kPi + heading);
}

/// The lower of two numbers, without a kink where they are close.
double soft_min(double a, double b, double width) {
  const double gap = std::clamp(0.5 + 0.5 * (b - a) / width, 0.0, 1.0);
  return b + (a - b) * gap - width * gap * (1 - gap);
}

Pose foot_pose(const Build& build, const FootStance& foot) {
  const Vec place = {build.leg * foot.place.x, build.leg * foot.place.y, build.leg * foot.place.z};
  Pose pose = facing(place, foot.turn);
  // Nothing sinks into the floor: the foot turns about its ball, or about its heel.
  const Vec pivot = {(foot.pitch > 0 ? 0.62 : -0.27) * build.foot, 0, 0};
  const Vec stays = pose.at(pivot);
  pose = turned(pose, pose.left, foot.pitch);
  pose.origin = stays - pose.turned(pivot) + build.ankle * pose.up;
  return pose;
}

/// The height at which both legs reach their feet.
double hip_height(const Build& build, const Bones& bones, double wanted) {
  double height = wanted;
  for (size_t side = 0; side < 2; ++side) {
    const Vec joint = bones.pelvis.at({0, kSides[side] * build.hip, 0}), way = bones.foot[side].origin - joint;
    const double reach = kReach * (build.thigh + build.shin), flat = way.x * way.x + way.y * way.y;
    const double drop = joint.z - bones.pelvis.origin.z;
    const double most = bones.foot[side].origin.z + std::sqrt(std::max(reach * reach - flat, 0.01)) - drop;
    height = soft_min(height, most, 0.02);
  }
  return height;
}

void set_leg(const Build& build, Bones& bones, size_t side) {
  const Vec hip = bones.pelvis.at({0, kSides[side] * build.hip, 0}), ankle = bones.foot[side].origin;
  const Vec way = ankle - hip;
  const double far = std::clamp(length(way), 0.3 * build.leg, 0.9995 * (build.thigh + build.shin));
  const Vec down = unit(way);
  const Vec front = unit(bones.foot[side].ahead + bones.pelvis.ahead + 0.25 * kSides[side] * bones.pelvis.left);
  const Vec pole = unit(front - dot(front, down) * down);
  const double along = (far * far + build.thigh * build.thigh - build.shin * build.shin) / (2 * far);
  const double out = std::sqrt(std::max(build.thigh * build.thigh - along * along, 0.0));
  const Vec knee = hip + along * down + out * pole;
  const auto bone = [&](const Vec& from, const Vec& to) {
    Pose pose;
    pose.origin = from;
    pose.up = unit(from - to);
    pose.left = unit(cross(pose.up, pole - dot(pole, pose.up) * pose.up));
    pose.ahead = cross(pose.left, pose.up);
    return pose;
  };
  bones.thigh[side] = bone(hip, knee);
  bones.shin[side] = bone(knee, ankle);
}

void set_arm(const Build& build, const ArmStance& arm, Bones& bones, size_t side) {
  const double y = kSides[side];
  const Pose& chest = bones.chest;
  // The shoulder blade goes with a raised arm.
  const double lift = smooth_step(0.6, 2.8, arm.raise), ahead = lift * std::sin(arm.swing);
  const Vec joint = chest.at({0.012 * build.height * ahead, y * (build.shoulder - 0.012 * build.height * lift),
                              build.shoulder_height + 0.026 * build.height * lift});
  const double c = std::cos(arm.raise), s = std::sin(arm.raise);
  const Vec sideways = {std::sin(arm.swing), y * std::cos(arm.swing), 0};
  const Vec down = chest.turned({s * sideways.x, s * sideways.y, -c});
  // The direction ahead is carried along while the arm is raised; the elbow bends towards it.
  const Vec axis = chest.turned({sideways.y, -sideways.x, 0});
  Vec front = turned(chest.ahead, axis, arm.raise);
  front = turned(front, down, y * arm.twist);
  const auto bone = [](const Vec& origin, const Vec& along, const Vec& towards) {
    Pose pose;
    pose.origin = origin, pose.up = -along, pose.ahead = towards;
    pose.left = cross(pose.up, pose.ahead);
    return pose;
  };
  Pose& upper = bones.upper_arm[side] = bone(joint, down, front);
  Pose lower = upper;
  lower.origin = joint + build.upper_arm * down;
  lower = turned(lower, lower.left, -arm.bend);
  bones.forearm[side] = lower;
  Pose hand = lower;
  hand.origin = lower.origin - build.forearm * lower.up;
  bones.hand[side] = turned(hand, hand.ahead, -y * arm.wrist);
}

}  // namespace

Vec turned(const Vec& direction, const Vec& axis, double angle) {
  const double c = std::cos(angle), s = std::sin(angle);
  return c * direction + s * cross(axis, direction) + ((1 - c) * dot(axis, direction)) * axis;
}

Pose turned(const Pose& pose, const Vec& axis, double angle) {
  return {pose.origin, turned(pose.ahead, axis, angle), turned(pose.left, axis, angle), turned(pose.up, axis, angle)};
}

Pose mix(const Pose& a, const Pose& b, double share) {
  Pose pose;
  pose.origin = mix(a.origin, b.origin, share);
  pose.up = unit(mix(a.up, b.up, share));
  const Vec ahead = mix(a.ahead, b.ahead, share);
  pose.left = unit(cross(pose.up, ahead));
  pose.ahead = cross(pose.left, pose.up);
  return pose;
}

Build build_of(const Identity& person) {
  const double h = person.height;
  Build build;
  build.height = h;
  build.thigh = 0.245 * h * person.legs;
  build.shin = 0.242 * h * person.legs;
  build.ankle = 0.045 * h;
  build.leg = build.thigh + build.shin + build.ankle;
  build.foot = 0.145 * h;
  build.hip = 0.05 * h * person.hips;
  build.spine = 0.06 * h;
  build.shoulder = 0.098 * h * person.shoulders;
  build.shoulder_height = 0.204 * h;
  build.neck = 0.262 * h;
  build.upper_arm = 0.168 * h;
  build.forearm = 0.143 * h;
  build.hand = 0.102 * h;
  build.head = person.head * (0.55 + 0.45 * h / 1.75);
  return build;
}

Bones bones_of(const Build& build, const Stance& stance) {
  Bones bones;
  for (size_t side = 0; side < 2; ++side) bones.foot[side] = foot_pose(build, stance.feet[side]);
  Pose pelvis = facing({build.leg * stance.place.x, build.leg * stance.place.y, 0}, stance.heading + stance.hip_turn);
  pelvis = turned(pelvis, pelvis.left, stance.hip_tilt);
  bones.pelvis = turned(pelvis, pelvis.ahead, -stance.hip_roll);
  bones.pelvis.origin.z = build.leg * (1 - stance.place.z);
  bones.pelvis.origin.z = hip_height(build, bones, bones.pelvis.origin.z);
  for (size_t side = 0; side < 2; ++side) set_leg(build, bones, side);
  // The chest keeps its course and stays upright whatever the hips do, but for what the stance says.
  const Pose course = facing({}, stance.heading);
  Pose chest = mix(bones.pelvis, course, 0.75);
  chest = turned(chest, chest.up, stance.twist);
  chest = turned(chest, chest.ahead, -stance.lean);
  chest = turned(chest, chest.left, stance.bend);
  chest.origin = bones.pelvis.at({0, 0, build.spine});
  bones.chest = chest;
  for (size_t side = 0; side < 2; ++side) set_arm(build, stance.arms[side], bones, side);
  Pose head = mix(chest, course, 0.5);
  head = turned(head, head.up, stance.head_turn);
  head = turned(head, head.left, stance.nod);
  head = turned(head, head.ahead, -stance.head_roll);
  head.origin = chest.at({0.008 * build.height, 0, build.neck});
  bones.head = head;
  return bones;
}

}  // namespace weft::world
