#include "plugins/world/figure/body.h"

#include "plugins/world/figure/pieces.h"

#include <algorithm>

namespace weft::world {
namespace {

/// An ellipse of a tube: a place along it, and radii, all by the person's height.
struct Ring {
  double at, side, front, shift = 0;  ///< `shift`: ahead
};

// From the neck down, above the hips.
constexpr std::array<Ring, 17> kTorso = {{{0.300, 0.001, 0.001, 0.004},
                                          {0.298, 0.020, 0.020, 0.004},
                                          {0.293, 0.033, 0.034, 0.003},
                                          {0.285, 0.056, 0.044, 0.001},
                                          {0.275, 0.086, 0.052, 0},
                                          {0.256, 0.105, 0.060, 0.002},
                                          {0.230, 0.102, 0.068, 0.006},
                                          {0.195, 0.097, 0.072, 0.008},
                                          {0.155, 0.089, 0.066, 0.004},
                                          {0.110, 0.080, 0.059, 0.001},
                                          {0.075, 0.080, 0.059, 0},
                                          {0.040, 0.087, 0.063, -0.002},
                                          {0.005, 0.096, 0.068, -0.005},
                                          {-0.025, 0.098, 0.069, -0.006},
                                          {-0.050, 0.086, 0.062, -0.004},
                                          {-0.066, 0.050, 0.045, 0},
                                          {-0.072, 0.001, 0.001, 0}}};
// Along two bones: 0 to 1 the first, 1 to 2 the second.
constexpr std::array<Ring, 17> kArm = {{{-0.12, 0.001, 0.001},
                                        {-0.11, 0.012, 0.013},
                                        {-0.06, 0.0225, 0.0245},
                                        {0.04, 0.0285, 0.0305},
                                        {0.22, 0.0290, 0.0300},
                                        {0.50, 0.0262, 0.0272},
                                        {0.75, 0.0238, 0.0242},
                                        {0.90, 0.0225, 0.0228},
                                        {1.00, 0.0220, 0.0225},
                                        {1.10, 0.0225, 0.0228},
                                        {1.25, 0.0232, 0.0222},
                                        {1.50, 0.0202, 0.0190},
                                        {1.75, 0.0170, 0.0155},
                                        {1.92, 0.0155, 0.0130},
                                        {2.00, 0.0155, 0.0125},
                                        {2.06, 0.0130, 0.0105},
                                        {2.08, 0.001, 0.001}}};
constexpr std::array<Ring, 18> kLeg = {{{-0.12, 0.001, 0.001},
                                        {-0.10, 0.040, 0.045},
                                        {0.00, 0.0535, 0.0600, -0.004},
                                        {0.15, 0.0530, 0.0590, -0.003},
                                        {0.35, 0.0490, 0.0520},
                                        {0.60, 0.0420, 0.0440, 0.002},
                                        {0.82, 0.0355, 0.0375, 0.003},
                                        {0.94, 0.0335, 0.0360, 0.004},
                                        {1.00, 0.0330, 0.0355, 0.004},
                                        {1.08, 0.0325, 0.0345, 0.002},
                                        {1.22, 0.0340, 0.0355, -0.005},
                                        {1.38, 0.0335, 0.0355, -0.007},
                                        {1.58, 0.0275, 0.0290, -0.005},
                                        {1.78, 0.0215, 0.0230, -0.002},
                                        {1.92, 0.0200, 0.0215},
                                        {2.02, 0.0210, 0.0225},
                                        {2.10, 0.0180, 0.0200},
                                        {2.12, 0.001, 0.001}}};
// From heel to toes, in lengths of the foot from the ankle; `front` is the half height.
constexpr std::array<Ring, 10> kShoe = {{{-0.30, 0.001, 0.001, 0.30},
                                         {-0.29, 0.014, 0.014, 0.30},
                                         {-0.24, 0.0185, 0.0235, 0.42},
                                         {-0.10, 0.0205, 0.0270, 0.50},
                                         {0.10, 0.0200, 0.0250, 0.48},
                                         {0.32, 0.0225, 0.0190, 0.36},
                                         {0.55, 0.0265, 0.0150, 0.28},
                                         {0.68, 0.0250, 0.0125, 0.25},
                                         {0.77, 0.0170, 0.0095, 0.24},
                                         {0.79, 0.001, 0.001, 0.22}}};

// From the wrist down, in lengths of the hand.
constexpr std::array<Ring, 6> kPalm = {{{-0.06, 0.001, 0.001},
                                        {0, 0.008, 0.0135},
                                        {0.2, 0.0085, 0.021},
                                        {0.4, 0.008, 0.0225},
                                        {0.5, 0.006, 0.019},
                                        {0.54, 0.001, 0.001}}};
// The same of a finger, as far as textures count; each of the three bones has its share of the rings.
constexpr std::array<Ring, 6> kFinger = {{{0.50, 0.0045, 0.0045},
                                          {0.61, 0.0056, 0.0056},
                                          {0.72, 0.0054, 0.0054},
                                          {0.83, 0.0048, 0.0048},
                                          {0.94, 0.0038, 0.0038},
                                          {1.00, 0.0008, 0.0008}}};

constexpr int32_t kAround = 18;  // cells around a limb
constexpr int32_t kAroundTorso = 26;
constexpr int32_t kSkirtRows = 9;

Pose spine_at(const Build& build, const Bones& bones, double height) {
  const double share = smooth_step(0.0, 0.2, height);
  Pose pose = mix(bones.pelvis, bones.chest, share);
  const Vec low = bones.pelvis.at({0, 0, height * build.height});
  const Vec high = bones.chest.at({0, 0, height * build.height - build.spine});
  pose.origin = mix(low, high, share);
  return pose;
}

/// The middle of a limb of two bones, bent smoothly about its joint.
Pose limb_at(const Pose& first, const Pose& second, double first_length, double second_length, double at) {
  constexpr double kBend = 0.16;
  const auto on_first = [&](double place) { return first.at({0, 0, -place * first_length}); };
  const auto on_second = [&](double place) { return second.at({0, 0, -(place - 1) * second_length}); };
  const double share = std::clamp((at - 1 + kBend) / (2 * kBend), 0.0, 1.0);
  Pose pose = mix(first, second, share);
  if (at < 1 - kBend)
    pose.origin = on_first(at);
  else if (at > 1 + kBend)
    pose.origin = on_second(at);
  else
    pose.origin =
        mix(mix(on_first(1 - kBend), second.origin, share), mix(second.origin, on_second(1 + kBend), share), share);
  return pose;
}

/// Sets a row of a grid around `pose`, from behind over the left.
void set_ring(const Grid& grid, int32_t row, const Pose& pose, double side, double front, double squareness,
              std::span<Vec> points) {
  for (int32_t column = 0; column < grid.columns; ++column) {
    const double angle = -kPi + 2 * kPi * column / (grid.columns - 1);
    const double c = std::cos(angle), s = std::sin(angle);
    const auto square = [squareness](double x) { return x < 0 ? -std::pow(-x, squareness) : std::pow(x, squareness); };
    const bool is_round = squareness == 1;
    points[static_cast<size_t>(grid.at(row, column))] =
        pose.at({front * (is_round ? c : square(c)), side * (is_round ? s : square(s)), 0});
  }
}

/// Anchors in metres: along the tube as `along` has it, around it from the front.
template <typename Rings>
Grid add_tube(Mesh& mesh, const Rings& rings, int32_t around, double size, Piece piece, const auto& along) {
  const Grid grid = mesh.add_grid(static_cast<int32_t>(rings.size()), around + 1);
  double girth = 0;
  for (const Ring& ring : rings) girth = std::max(girth, 0.5 * (ring.side + ring.front) * size);
  for (int32_t row = 0; row < grid.rows; ++row) {
    for (int32_t column = 0; column < grid.columns; ++column) {
      const double angle = -kPi + 2 * kPi * column / around;
      mesh.anchor(grid.at(row, column)) = {static_cast<float>(along(rings[static_cast<size_t>(row)].at)),
                                           static_cast<float>(girth * angle)};
    }
  }
  mesh.add_cells(grid, static_cast<uint8_t>(piece));
  mesh.weld_sides(grid);
  return grid;
}

Piece sided(Piece left, size_t side) {
  return static_cast<Piece>(static_cast<size_t>(left) + side);
}

}  // namespace

HandPoints hand_points(const Build& build, const Pose& hand, double fingers, size_t side) {
  const double size = build.hand, inwards = -kSides[side];
  HandPoints points;
  points[0] = hand.origin;
  // Across the palm ahead is the side of the thumb; fingers curl inwards.
  constexpr std::array<double, 5> kFan = {0.75, 0.12, 0.02, -0.08, -0.18};
  constexpr std::array<double, 5> kRootAhead = {0.14, 0.17, 0.05, -0.07, -0.18};
  constexpr std::array<double, 5> kRootDown = {0.16, 0.46, 0.48, 0.46, 0.42};
  constexpr std::array<double, 5> kLength = {0.48, 0.48, 0.53, 0.49, 0.39};
  for (size_t finger = 0; finger < 5; ++finger) {
    const bool is_thumb = finger == 0;
    Vec at = hand.at({kRootAhead[finger] * size, is_thumb ? 0.04 * inwards * size : 0, -kRootDown[finger] * size});
    const double fan = kFan[finger] * (1 - 0.35 * fingers);
    Vec along = std::cos(fan) * -hand.up + std::sin(fan) * hand.ahead;
    const Vec hinge = unit(cross(along, inwards * hand.left));
    const double curl = is_thumb ? 0.25 * fingers + 0.1 : fingers * 0.75 + 0.08;
    points[4 * finger + 1] = at;
    constexpr std::array<double, 3> kPhalanx = {0.45, 0.31, 0.24};
    for (size_t i = 0; i < 3; ++i) {
      along = turned(along, hinge, curl);
      at = at + kPhalanx[i] * kLength[finger] * size * along;
      points[4 * finger + 2 + i] = at;
    }
  }
  return points;
}

void Body::add_to(Mesh& mesh) {
  const double h = build_.height;
  const auto two_bones = [](double first, double second) {
    return [=](double at) { return at < 1 ? at * first : first + (at - 1) * second; };
  };
  const auto one_bone = [](double length) { return [=](double at) { return at * length; }; };
  torso_ = add_tube(mesh, kTorso, kAroundTorso, h, Piece::Torso, one_bone(h));
  for (size_t side = 0; side < 2; ++side) {
    arms_[side] =
        add_tube(mesh, kArm, kAround, h, sided(Piece::LeftArm, side), two_bones(build_.upper_arm, build_.forearm));
    legs_[side] = add_tube(mesh, kLeg, kAround, h, sided(Piece::LeftLeg, side), two_bones(build_.thigh, build_.shin));
    shoes_[side] = add_tube(mesh, kShoe, 14, h, sided(Piece::LeftShoe, side), one_bone(build_.foot));
    palms_[side] = add_tube(mesh, kPalm, 10, h, sided(Piece::LeftHand, side), one_bone(build_.hand));
    for (Grid& finger : fingers_[side])
      finger = add_tube(mesh, kFinger, 6, h, sided(Piece::LeftHand, side), one_bone(build_.hand));
  }
  if (has_skirt()) add_skirt(mesh);
}

void Body::add_skirt(Mesh& mesh) {
  const double h = build_.height;
  skirt_ = mesh.add_grid(kSkirtRows, 33);
  for (int32_t row = 0; row < skirt_.rows; ++row) {
    for (int32_t column = 0; column < skirt_.columns; ++column) {
      const double angle = -kPi + 2 * kPi * column / (skirt_.columns - 1);
      mesh.anchor(skirt_.at(row, column)) = {static_cast<float>(-0.03 * row * h), static_cast<float>(0.09 * h * angle)};
    }
  }
  mesh.add_cells(skirt_, static_cast<uint8_t>(Piece::Skirt));
  mesh.weld_sides(skirt_);
}

void Body::place_torso(const Bones& bones, std::span<Vec> points) const {
  const double h = build_.height;
  for (size_t row = 0; row < kTorso.size(); ++row) {
    const Ring& ring = kTorso[row];
    Pose pose = spine_at(build_, bones, ring.at);
    const double high = smooth_step(0.14, 0.26, ring.at), low = smooth_step(0.09, 0.0, ring.at);
    const double broad = 1 + high * (person_.shoulders - 1) + low * (person_.hips - 1);
    const double bust = 1 + (person_.bust - 1) * smooth_step(0.14, 0.19, ring.at) * smooth_step(0.255, 0.21, ring.at);
    const double waist =
        1 - 0.5 * (person_.bust - 1) * smooth_step(0.17, 0.11, ring.at) * smooth_step(0.02, 0.07, ring.at);
    const double stout = ring.at > 0.28 ? 1 : person_.stout, cloth = ring.at > 0.29 ? 0 : 0.004;
    pose.origin = pose.at({ring.shift * h + (bust - 1) * ring.front * h * 0.5, 0, 0});
    set_ring(torso_, static_cast<int32_t>(row), pose, ring.side * h * broad * waist * (0.5 + 0.5 * stout) + cloth,
             ring.front * h * bust * stout + cloth, 0.85, points);
  }
}

void Body::place_arm(const Bones& bones, size_t side, std::span<Vec> points) const {
  const double h = build_.height, sleeve = person_.sleeves;
  for (size_t row = 0; row < kArm.size(); ++row) {
    const Ring& ring = kArm[row];
    const Pose pose = limb_at(bones.upper_arm[side], bones.forearm[side], build_.upper_arm, build_.forearm, ring.at);
    const bool is_end = ring.side < 0.002;
    const double cloth = !is_end && sleeve > 0 && ring.at <= sleeve + 0.02 ? 0.006 : 0;
    const double stout = 0.4 + 0.6 * person_.stout;
    set_ring(arms_[side], static_cast<int32_t>(row), pose, ring.side * h * stout + cloth,
             ring.front * h * stout + cloth, 1, points);
  }
}

void Body::place_leg(const Bones& bones, size_t side, std::span<Vec> points) const {
  const double h = build_.height;
  const bool covers = !has_skirt();
  for (size_t row = 0; row < kLeg.size(); ++row) {
    const Ring& ring = kLeg[row];
    Pose pose = limb_at(bones.thigh[side], bones.shin[side], build_.thigh, build_.shin, ring.at);
    pose.origin = pose.at({ring.shift * h, 0, 0});
    const bool is_end = ring.side < 0.002;
    const bool is_covered = covers && !is_end && ring.at <= person_.hem + 0.03;
    const double cloth =
        is_covered ? 0.006 + person_.flare * smooth_step(person_.hem - 0.9, person_.hem, ring.at) * 1.6 : 0;
    const double stout = 0.3 + 0.7 * person_.stout;
    set_ring(legs_[side], static_cast<int32_t>(row), pose, ring.side * h * stout + cloth,
             ring.front * h * stout + cloth, 1, points);
  }
}

void Body::place_shoe(const Bones& bones, size_t side, std::span<Vec> points) const {
  const double h = build_.height;
  const Pose& foot = bones.foot[side];
  for (size_t row = 0; row < kShoe.size(); ++row) {
    const Ring& ring = kShoe[row];
    // The tube runs ahead: its own up is behind, and its ahead is up. Soles are flat.
    const Vec middle = foot.at({ring.at * build_.foot, 0, -build_.ankle + ring.front * h});
    Pose pose;
    pose.origin = middle, pose.up = -foot.ahead, pose.ahead = foot.up, pose.left = foot.left;
    for (int32_t column = 0; column < shoes_[side].columns; ++column) {
      const double angle = -kPi + 2 * kPi * column / (shoes_[side].columns - 1);
      const double c = std::cos(angle), s = std::sin(angle);
      const double high = c > 0 ? c * (1 + (ring.shift - 0.25) * 1.2) : std::max(1.35 * c, -1.0);
      points[static_cast<size_t>(shoes_[side].at(static_cast<int32_t>(row), column))] =
          pose.at({ring.front * h * high, ring.side * h * 1.08 * s, 0});
    }
  }
}

void Body::place_hand(const Bones& bones, const Stance& stance, size_t side, std::span<Vec> points) const {
  const double h = build_.height;
  const Pose& hand = bones.hand[side];
  for (size_t row = 0; row < kPalm.size(); ++row) {
    Pose pose = hand;
    pose.origin = hand.at({0, 0, -kPalm[row].at * build_.hand});
    set_ring(palms_[side], static_cast<int32_t>(row), pose, kPalm[row].side * h, kPalm[row].front * h, 1, points);
  }
  const HandPoints joints = hand_points(build_, hand, stance.arms[side].fingers, side);
  for (size_t finger = 0; finger < 5; ++finger) {
    const Grid& grid = fingers_[side][finger];
    for (int32_t row = 0; row < grid.rows; ++row) {
      const double place = std::min(3.0 * row / 4.6, 3.0);
      const auto first = static_cast<size_t>(std::min(place, 2.0));
      const Vec &from = joints[4 * finger + 1 + first], &to = joints[4 * finger + 2 + first];
      Pose pose;
      pose.origin = mix(from, to, place - static_cast<double>(first));
      pose.up = unit(from - to);
      pose.left = unit(hand.left - dot(hand.left, pose.up) * pose.up + 1e-6 * hand.ahead);
      pose.ahead = cross(pose.left, pose.up);
      const double girth = kFinger[static_cast<size_t>(row)].side * h * (finger == 0 ? 1.15 : 1);
      set_ring(grid, row, pose, girth, girth, 1, points);
    }
  }
}

void Body::place_skirt(const Bones& bones, std::span<Vec> points) const {
  const double h = build_.height;
  for (int32_t row = 0; row < kSkirtRows; ++row) {
    const double down = static_cast<double>(row) / (kSkirtRows - 1);
    const double at = std::max(down - 0.2, 0.0) / 0.8 * person_.hem;  // along the thighs
    const Pose waist = spine_at(build_, bones, 0.06 - 0.06 * std::min(down / 0.2, 1.0));
    std::array<Vec, 2> middles;
    for (size_t side = 0; side < 2; ++side)
      middles[side] = limb_at(bones.thigh[side], bones.shin[side], build_.thigh, build_.shin, at).origin;
    const double share = smooth_step(0.1, 0.5, down);
    Pose pose = waist;
    const Vec between = middles[0] - middles[1];
    pose.origin = mix(waist.origin, mix(middles[0], middles[1], 0.5), smooth_step(0.0, 0.3, down));
    const Vec left = mix(waist.left, unit(between + 0.05 * waist.left), share);
    const Vec legs_up = unit(bones.thigh[0].up + bones.thigh[1].up + 0.6 * waist.up);
    pose.up = unit(mix(waist.up, legs_up, share));
    pose.left = unit(left - dot(left, pose.up) * pose.up);
    pose.ahead = cross(pose.left, pose.up);
    const double leg = (0.054 - 0.012 * at) * h * person_.stout + 0.012;
    const double apart = 0.5 * length(between);
    const double side =
        (0.087 + 0.012 * std::min(down / 0.2, 1.0)) * h * (0.5 + 0.5 * person_.stout) * person_.hips + 0.008;
    const double front = 0.068 * h * person_.stout + 0.010;
    const double flare = 0.055 * h * down * down;
    set_ring(skirt_, row, pose, std::max(side, apart + leg) + flare, std::max(front, leg + 0.012) + flare, 0.92,
             points);
  }
}

void Body::place(const Bones& bones, const Stance& stance, std::span<Vec> points) const {
  place_torso(bones, points);
  for (size_t side = 0; side < 2; ++side) {
    place_arm(bones, side, points);
    place_leg(bones, side, points);
    place_shoe(bones, side, points);
    place_hand(bones, stance, side, points);
  }
  if (has_skirt()) place_skirt(bones, points);
}

}  // namespace weft::world
