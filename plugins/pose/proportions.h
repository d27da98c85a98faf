#pragma once

#include "plugins/pose/person.h"

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <vector>

namespace weft::pose {

/// How large a person is in a video, and where: what another person's motion must be fitted to.
///
/// A person stands on a floor: the lower in the frame the feet are, the nearer, and so the larger, the person is. Floor and
/// height are measured at the near and at the far end of where the person goes, on frames in which the person stands upright;
/// both ends are the same where the person stays in place, jumps included.
struct Proportions {
  /// An end of where a person stands.
  struct Place {
    double floor = 0;   ///< y of the feet
    double height = 0;  ///< of the body: from the neck to the hips, and along a leg to the foot
  };

  bool is_known = false;           ///< whether the person was seen at all
  bool has_feet = false;           ///< false: the hips stand for the feet, in a video that ends above the feet
  Place near, far;                 ///< pixels
  double middle = 0;               ///< mean x of the hips, or of the neck
  std::array<double, 25> bones{};  ///< lengths, in heights, of what leads to each joint of the body; 0: not seen

  /// Whether the person walks to and fro.
  bool has_depth() const;
  /// How near a standing place is: 0 at the far end, 1 at the near one. @param floor  y of the feet
  double nearness(double floor) const;
  /// The floor and the height there.
  Place at(double nearness) const;
};

/// The proportions of a person over the frames of a video; of several people in a frame it is the tallest.
/// @param frames  the people of each
/// @returns proportions that are not known where no frame has a neck and hips
Proportions proportions_of(const std::vector<std::vector<Person>>& frames);

/// The tallest of the people: whose found points of the body reach over the largest height; nullptr where nobody has any.
const Person* tallest_of(const std::vector<Person>& people);

/// Rows of the proportions as keypoints.
constexpr int64_t kRowsOfProportions = 28;

/// @returns [1, 28, 3] double: near and far end (y of the floor, height; 1: hips stand for feet, 2: feet), the middle, and the
///          bones; all 0 where they are not known
at::Tensor keypoints_of(const Proportions& proportions);

/// @param rows  [28, 3] of any type
/// @throws Error  (Graph) when there are not as many
Proportions proportions_from(const at::Tensor& rows);

}  // namespace weft::pose
