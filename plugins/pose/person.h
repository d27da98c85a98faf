#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

namespace weft::pose {

/// A point that was looked for in a frame: pixels, and how sure the detector is; all 0 where it found none.
struct Keypoint {
  double x = 0;
  double y = 0;
  double confidence = 0;
};

/// The keypoints of a person by OpenPose: the body in the order of BODY_25, the face as its 70 points, each hand as
/// its 21.
struct Person {
  std::array<Keypoint, 25> body;
  std::array<Keypoint, 70> face;
  std::array<Keypoint, 21> left_hand;
  std::array<Keypoint, 21> right_hand;
};

/// Rows of a keypoints tensor that a person takes, in the order of Person.
constexpr int64_t kPointsOfPerson = 137;

/// @returns [1, 137 * people, 3] double
at::Tensor keypoints_of(const std::vector<Person>& people);

/// @param keypoints  [137 * people, 3] of any type
/// @throws Error  (Graph) when the rows are not those of whole persons
std::vector<Person> people_of(const at::Tensor& keypoints);

}  // namespace weft::pose
