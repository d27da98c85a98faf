#pragma once

#include "plugins/world/figure/identity.h"
#include "plugins/world/geometry.h"

#include <array>

namespace weft::world {

/// Left, then right, of the person: y is to the left.
constexpr std::array<double, 2> kSides = {1, -1};

/// Where an arm is: radians.
struct ArmStance {
  double raise = 0;    ///< of the upper arm: 0 hangs, pi/2 level, pi up
  double swing = 0;    ///< where it is raised to: 0 sideways, pi/2 ahead
  double twist = 0;    ///< of the elbow about the upper arm; positive turns the forearm inwards
  double bend = 0;     ///< of the elbow: 0 is straight
  double wrist = 0;    ///< bent towards the palm
  double fingers = 0;  ///< curled
};

/// Where a foot is, on the floor of the dance: metres for legs of one metre, and radians.
struct FootStance {
  Vec place;         ///< of the ankle above the sole: z = 0 stands
  double turn = 0;   ///< to the left
  double pitch = 0;  ///< of the toes downwards
};

/// What the body of anybody does at a moment: angles, and places in metres for legs of one metre.
struct Stance {
  Vec place;           ///< of the hips; z is how far they are below their height when standing straight
  double heading = 0;  ///< 0 faces the camera; positive turns to the person's left
  double hip_turn = 0, hip_roll = 0, hip_tilt = 0;
  double twist = 0, lean = 0, bend = 0;  ///< of the chest: about the spine, to the left, ahead
  double head_turn = 0, head_roll = 0, nod = 0;
  std::array<ArmStance, 2> arms;
  std::array<FootStance, 2> feet;
};

/// Lengths of a person, in metres.
struct Build {
  double height = 0, leg = 0, thigh = 0, shin = 0, ankle = 0, foot = 0;
  double hip = 0;  ///< from the middle to a joint
  double spine = 0, shoulder = 0, shoulder_height = 0, neck = 0;
  double upper_arm = 0, forearm = 0, hand = 0;
  double head = 0;  ///< size of the head by that of the model
};

Build build_of(const Identity& person);

/// Where the bones of a person are. Each has its joint as origin; `up` points from the far end to the joint in limbs, and
/// to the head in the trunk.
struct Bones {
  Pose pelvis, chest, head;
  std::array<Pose, 2> upper_arm, forearm, hand, thigh, shin, foot;
};

/// Forward kinematics of trunk and arms, inverse kinematics of legs: feet stay where a stance has them, and the hips sink
/// as far as legs need to reach them.
Bones bones_of(const Build& build, const Stance& stance);

/// A pose turned about one of its own axes through its origin.
Pose turned(const Pose& pose, const Vec& axis, double angle);
/// A direction turned about an axis of length 1.
Vec turned(const Vec& direction, const Vec& axis, double angle);
/// Between two poses: origin and axes.
Pose mix(const Pose& a, const Pose& b, double share);

}  // namespace weft::world
