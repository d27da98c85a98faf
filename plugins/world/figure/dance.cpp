#include "plugins/world/figure/dance.h"

#include "plugins/world/figure/drift.h"

#include <algorithm>

namespace weft::world {
namespace {

constexpr int64_t kBeats = 8;  // of a phrase

// Purposes of random numbers. Odd phrases travel, even ones stay.
enum Part : int64_t { kTempo, kStop, kManner, kTravel, kArms, kArmKeys, kTap, kDrifts = 100 };

enum class Travel { Loop, Spin, Sideways, Forth };
enum class Arms { Hang, Swing, Overhead, Ripple, Pump, Poses, Clap };

Point operator+(const Point& a, const Point& b) {
  return {a.along + b.along, a.across + b.across};
}
Point operator*(double factor, const Point& a) {
  return {factor * a.along, factor * a.across};
}

/// A place ahead of and to the left of a person with this heading, on the floor: x is away from the camera.
Point ahead_left(double heading, double ahead, double left) {
  const double c = std::cos(kPi + heading), s = std::sin(kPi + heading);
  return {ahead * c - left * s, ahead * s + left * c};
}

double wave(double beats) {
  return std::sin(2 * kPi * beats);
}

/// 0, then a hill of height 1, then 0.
double hill(double from, double to, double x) {
  const double share = std::clamp((x - from) / (to - from), 0.0, 1.0);
  const double root = std::sin(kPi * share);
  return root * root;
}

ArmStance mean_of(const ArmStance& a, const ArmStance& b, double share) {
  const auto mean = [share](double x, double y) { return x + share * (y - x); };
  return {mean(a.raise, b.raise), mean(a.swing, b.swing), mean(a.twist, b.twist),
          mean(a.bend, b.bend),   mean(a.wrist, b.wrist), mean(a.fingers, b.fingers)};
}

/// Poses that an arm takes and keeps for a moment.
constexpr std::array<ArmStance, 8> kPoses = {{{0.75, -0.15, 1.25, 1.75, 0.1, 0.5},
                                              {1.55, 0.1, 0, 0.15, 0, 0.2},
                                              {2.65, 0.3, 0, 0.5, 0.2, 0.2},
                                              {1.2, 1.35, 0.3, 0.6, -0.2, 0.3},
                                              {0.3, 0.4, 0.5, 1.9, 0.3, 0.8},
                                              {2.1, 0.2, 0.9, 1.9, 0.3, 0.4},
                                              {0.2, 0.2, 0, 0.3, 0, 0.4},
                                              {1.35, 0.7, -0.4, 1.3, -0.3, 0.2}}};

ArmStance overhead(double beat, double y, double depth) {
  const double sway = wave(beat / 2);
  return {2.35 + 0.3 * depth * sway * y,           0.2, 0.1, 0.45 - 0.3 * depth * sway * y,
          0.5 * depth * wave(beat / 2 - 0.12) * y, 0.15};
}

ArmStance ripple(double beat, double y, double depth) {
  const double phase = beat / 4 + (y > 0 ? 0 : 0.42);
  return {1.45 + 0.45 * depth * wave(phase), 0.15,
          0.35 * wave(phase - 0.1),          0.45 + 0.35 * wave(phase - 0.16),
          0.45 * wave(phase - 0.3),          0.1 + 0.1 * wave(phase - 0.4)};
}

}  // namespace

/// How much of what a phrase has.
struct Dance::Manner {
  double sway = 0, bounce = 0, roll = 0, twist = 0, march = 0, width = 0, groove = 0;
};

Dance::Dance(uint64_t seed) : seed_(seed) {
  Chance chance(seed, Matter::Motion, 0, kTempo);
  beats_per_second_ = chance.between(1.65, 2.15);
  first_beat_ = chance.between(0, 64);
}

int64_t Dance::phrase_of(double beat) const {
  return static_cast<int64_t>(std::floor(beat / static_cast<double>(kBeats)));
}

Dance::Manner Dance::manner_of(int64_t phrase) const {
  Chance chance(seed_, Matter::Motion, phrase, kManner);
  const bool is_staying = phrase % 2 == 0;
  Manner manner;
  manner.sway = is_staying ? chance.between(0.02, 0.075) : 0.02;
  manner.bounce = is_staying ? chance.between(0.01, 0.05) : chance.between(0.006, 0.016);
  manner.roll = is_staying ? chance.between(0.03, 0.13) : 0.05;
  manner.twist = chance.between(0.05, is_staying ? 0.3 : 0.14);
  manner.march = chance.happens(0.25) ? chance.between(0.06, 0.16) : 0;
  manner.width = is_staying ? chance.between(0, 0.09) : 0;
  manner.groove = is_staying && chance.happens(0.6) ? chance.between(0.08, 0.17) : 0;
  return manner;
}

Dance::Manner Dance::manner_at(double beat) const {
  const int64_t phrase = phrase_of(beat);
  const double within = beat - static_cast<double>(kBeats * phrase);
  const bool is_early = within < 0.5 * kBeats;
  const Manner a = manner_of(is_early ? phrase - 1 : phrase), b = manner_of(is_early ? phrase : phrase + 1);
  const double share = smooth_step(-1, 1, is_early ? within : within - kBeats);
  const auto mean = [share](double x, double y) { return x + share * (y - x); };
  return {mean(a.sway, b.sway),   mean(a.bounce, b.bounce), mean(a.roll, b.roll),    mean(a.twist, b.twist),
          mean(a.march, b.march), mean(a.width, b.width),   mean(a.groove, b.groove)};
}

// ---- where the dancer is

Dance::Course Dance::stop(int64_t number) const {
  Chance chance(seed_, Matter::Motion, number, kStop);
  return {{chance.between(-0.16, 0.22), chance.between(-0.24, 0.24)}, chance.between(-0.7, 0.7)};
}

Dance::Course Dance::course_in(int64_t phrase, double beat) const {
  const int64_t number = phrase >= 0 ? phrase / 2 : (phrase - 1) / 2;
  Course course = stop(number);
  if (phrase % 2 == 0) return course;
  const Course next = stop(number + 1);
  Chance chance(seed_, Matter::Motion, phrase, kTravel);
  const auto travel = static_cast<Travel>(chance.pick(4));
  const double share = (beat - static_cast<double>(kBeats * phrase)) / kBeats;
  const double done = smooth_step(0, 1, share), there_and_back = 0.5 - 0.5 * std::cos(2 * kPi * share);
  const double heading = course.heading;
  double turn = chance.sign();
  Point aside;
  if (travel == Travel::Loop) {
    constexpr double kRadius = 0.34;
    const Point centre = ahead_left(heading, 0, kRadius);
    if (std::abs(course.place.across + centre.across) > std::abs(course.place.across - centre.across))
      turn = -1;
    else
      turn = 1;
    course.heading += turn * 2 * kPi * done;
    aside = turn * (centre + -1 * ahead_left(course.heading, 0, kRadius));
  } else if (travel == Travel::Spin) {
    course.heading += turn * 2 * kPi * done;
  } else if (travel == Travel::Sideways) {
    aside = {0, (course.place.across > 0 ? -1 : 1) * 0.42 * there_and_back};
  } else {
    aside = ahead_left(heading, 0.4 * there_and_back, 0);
  }
  course.place = course.place + done * (next.place + -1 * course.place) + aside;
  course.heading += done * (next.heading - heading);
  return course;
}

Dance::Course Dance::course_at(double beat) const {
  const int64_t phrase = phrase_of(beat);
  Course course = course_in(phrase, beat);
  const double groove = manner_at(beat).groove;
  const double window = hill(-1.5, kBeats + 1.5, beat - static_cast<double>(kBeats * phrase));
  course.place = course.place + ahead_left(course.heading, 0, groove * window * wave(beat / 4));
  return course;
}

// ---- feet

FootStance Dance::landing(int64_t beat) const {
  const Course course = course_at(static_cast<double>(beat) + 0.5);
  const double y = beat % 2 == 0 ? 1 : -1;
  const Manner manner = manner_at(static_cast<double>(beat) + 0.5);
  Chance chance(seed_, Matter::Motion, beat, kTap);
  const bool taps = manner.width > 0.03 && chance.happens(0.3);
  const double ahead = taps ? chance.between(-0.08, 0.2) : 0, out = taps ? chance.between(0, 0.14) : 0;
  const Point place = course.place + ahead_left(course.heading, ahead, y * (0.085 + manner.width + out));
  return {{place.along, place.across, 0}, course.heading + y * 0.16, 0};
}

FootStance Dance::foot_at(double beat, size_t side) const {
  const auto parity = static_cast<int64_t>(side);
  auto next = static_cast<int64_t>(std::ceil(beat));
  if (wrapped(next, 2) != parity) ++next;
  const FootStance from = landing(next - 2), to = landing(next);
  const double phase = beat - static_cast<double>(next - 1);  // swings from 0 to 1
  const double way = std::hypot(to.place.x - from.place.x, to.place.y - from.place.y);
  double turn = std::remainder(to.turn - from.turn, 2 * kPi);
  const double effort = smooth_step(0.005, 0.06, way + 0.25 * std::abs(turn));
  const double march = manner_at(beat).march;
  const double share = std::clamp((phase - 0.06) / 0.88, 0.0, 1.0);
  const double done = share * share * share * (share * (6 * share - 15) + 10);
  FootStance foot;
  foot.place = mix(from.place, to.place, done);
  foot.place.z = (effort * (0.045 + 0.12 * std::min(way, 0.6)) + march) * hill(0.04, 0.96, phase);
  foot.turn = from.turn + done * turn;
  foot.pitch = effort * (0.5 * hill(-0.35, 0.6, phase) - 0.22 * hill(0.55, 1.0, phase)) + 2 * march * hill(0, 1, phase);
  return foot;
}

// ---- arms

ArmStance Dance::arm_in(int64_t phrase, double beat, size_t side) const {
  Chance chance(seed_, Matter::Motion, phrase, kArms);
  const auto of_both =
      static_cast<size_t>(phrase % 2 == 0 ? 2 + chance.pick(5) : std::array{1, 1, 5, 3}[chance.pick(4)]);
  const bool is_single = phrase % 2 == 0 && chance.happens(0.25);
  const size_t idle = chance.pick(2);
  const double depth = chance.between(0.7, 1.15), y = kSides[side];
  const Arms kind = is_single && idle == side ? Arms::Hang : static_cast<Arms>(of_both);
  switch (kind) {
    case Arms::Hang:
      return {0.16 + 0.04 * wave(beat / 2), 0.3, 0.2, 0.4 + 0.1 * wave(beat / 2 + 0.1), 0.1, 0.5};
    case Arms::Swing: {
      const double swing = -y * wave(beat / 2 + 0.25);  // against the leg of its side
      return {0.08 + 0.42 * depth * swing, 1.35, 0.15, 0.45 + 0.25 * swing, 0.1, 0.55};
    }
    case Arms::Overhead:
      return overhead(beat, y, depth);
    case Arms::Ripple:
      return ripple(beat, y, depth);
    case Arms::Pump: {
      const double pump = wave(beat / 2 + (side == 0 ? 0.25 : 0.75));
      return {0.85 + 0.3 * depth * pump, 0.9, 0.5, 1.65 - 0.45 * depth * pump, 0.1, 1.3};
    }
    case Arms::Clap: {
      const double open = 0.5 - 0.5 * std::cos(2 * kPi * beat);
      return {0.95, 1.2 - 0.5 * depth * open, 0.75 - 0.7 * open, 1.25 - 0.2 * open, 0, 0.15};
    }
    case Arms::Poses:
      break;
  }
  const double at = beat / 2;
  const auto key = static_cast<int64_t>(std::floor(at));
  const bool is_mirrored = Chance(seed_, Matter::Motion, phrase, kArmKeys).happens(0.5);
  const auto pose = [&](int64_t number) {
    Chance keys(seed_, Matter::Motion, number, kArmKeys);
    const std::array<size_t, 2> picks = {keys.pick(kPoses.size()), keys.pick(kPoses.size())};
    return kPoses[picks[is_mirrored ? 0 : side]];
  };
  return mean_of(pose(key), pose(key + 1), smooth_step(0.35, 1, at - static_cast<double>(key)));
}

ArmStance Dance::arm_at(double beat, size_t side) const {
  const int64_t phrase = phrase_of(beat);
  const double within = beat - static_cast<double>(kBeats * phrase);
  ArmStance arm = arm_in(phrase, beat, side);
  if (within < 1) {
    arm = mean_of(arm_in(phrase - 1, beat, side), arm, smooth_step(-1, 1, within));
  } else if (within > kBeats - 1) {
    arm = mean_of(arm, arm_in(phrase + 1, beat, side), smooth_step(-1, 1, within - kBeats));
  }
  const auto channel = kDrifts + 10 * static_cast<int64_t>(side);
  arm.raise += 0.07 * Drift(seed_, channel).at(0.7 * beat);
  arm.swing += 0.12 * Drift(seed_, channel + 1).at(0.6 * beat);
  arm.bend = std::clamp(arm.bend + 0.1 * Drift(seed_, channel + 2).at(0.8 * beat), 0.04, 2.4);
  return arm;
}

// ---- the trunk and the head

void Dance::set_trunk(double beat, Stance& stance) const {
  const Manner manner = manner_at(beat);
  const double left = wave(beat / 2);  // 1 where the weight is on the left foot
  const auto drift = [&](int64_t channel, double pace) { return Drift(seed_, kDrifts + channel).at(pace * beat); };
  const Course course = course_at(beat);
  const Point shift = ahead_left(course.heading, 0.012, manner.sway * left);
  stance.place = {course.place.along + shift.along, course.place.across + shift.across,
                  0.012 + manner.bounce * (0.5 + 0.5 * wave(beat + 0.25))};
  stance.heading = course.heading;
  stance.hip_turn = 0.5 * manner.twist * wave(beat / 2 + 0.25);
  stance.hip_roll = -manner.roll * left;
  stance.hip_tilt = 0.05 + 0.03 * drift(30, 0.5);
  stance.twist = -manner.twist * wave(beat / 2 + 0.25) + 0.1 * drift(31, 0.5);
  stance.lean = -0.5 * manner.roll * left + 0.06 * drift(32, 0.4);
  stance.bend = 0.03 + 0.6 * manner.bounce + 0.05 * drift(33, 0.4);
  stance.head_turn = 0.45 * drift(34, 0.35);
  stance.head_roll = 0.12 * drift(35, 0.5) + 0.6 * manner.roll * left;
  stance.nod = 0.05 + 0.1 * drift(36, 0.5) + 1.2 * manner.bounce * wave(beat + 0.25);
}

Stance Dance::at(double seconds) const {
  const double beat = first_beat_ + beats_per_second_ * seconds;
  Stance stance;
  set_trunk(beat, stance);
  for (size_t side = 0; side < 2; ++side) {
    stance.feet[side] = foot_at(beat, side);
    stance.arms[side] = arm_at(beat, side);
  }
  return stance;
}

}  // namespace weft::world
