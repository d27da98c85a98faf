#pragma once

#include "plugins/pose/person.h"

#include <array>
#include <cstddef>
#include <optional>

namespace weft::pose {

/// Joints of BODY_25.
constexpr size_t kNose = 0, kNeck = 1, kRightWrist = 4, kLeftWrist = 7, kHips = 8;
constexpr size_t kRightEye = 15, kLeftEye = 16, kRightEar = 17, kLeftEar = 18;
constexpr std::array<std::array<size_t, 3>, 2> kLegs = {{{9, 10, 11}, {12, 13, 14}}};  ///< hip, knee, ankle

/// A joint and the one nearer to the middle of the hips.
struct Bone {
  size_t joint, parent;
};

/// From the hips outwards.
constexpr std::array<Bone, 24> kBones = {{{1, 8},   {0, 1},   {15, 0},  {16, 0},  {17, 15}, {18, 16},
                                          {2, 1},   {3, 2},   {4, 3},   {5, 1},   {6, 5},   {7, 6},
                                          {9, 8},   {10, 9},  {11, 10}, {12, 8},  {13, 12}, {14, 13},
                                          {24, 11}, {22, 11}, {23, 22}, {21, 14}, {19, 14}, {20, 19}}};

/// A joint or a point of a hand was found where the detector is surer than this.
constexpr double kSureOfBody = 0.01;

inline bool is_found(const Keypoint& point) {
  return point.confidence > kSureOfBody;
}

/// The person with the middle between both hips, where the detector gives none.
Person with_hips(Person person);

/// The lowest point that a person stands on; nothing where it was not found.
/// @param has_feet  false: the hips stand for the feet
std::optional<double> floor_of(const Person& person, bool has_feet);

}  // namespace weft::pose
